/* The plan: every seat with its lamps. One seat takes the keyboard; arrows go to the nearest seat. */
import { html, svg } from "/static/vendored/lit-core.min.js";
import { placeSeats } from "/static/js/seat_map.js";
import { local, t } from "/static/js/words.js";
import { LAMPS, lampAt } from "./lamps.js";

const HEIGHT = 700;
const SIZE_MAX = 76;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let known = { key: "", places: [], size: 0 };

function placed(seats) {
  const key = seats.map((seat) => `${seat.terminal},${seat.x},${seat.y}`).join();
  if (key !== known.key) known = { key, ...placeSeats(seats, HEIGHT, SIZE_MAX) };
  return { size: known.size, places: known.places.map((place, index) => ({ ...place, seat: seats[index] })) };
}

/** What a person who cannot see the plan hears of a seat. */
function words(seat) {
  const lamps = LAMPS.filter((lamp) => seat.lamps[lamp] !== "off").map((lamp) => `${t(`hall.${lamp}`)} ${t(`hall.lamp.${seat.lamps[lamp]}`)}`);
  return [
    t("hall.seat", { label: seat.label }),
    seat.deputy ? local(seat.deputy.name).full : t("hall.nobody"),
    seat.powered ? t(seat.badge_in ? "hall.badge.is_in" : "hall.badge.is_out") : t("hall.power.is_off"),
    ...lamps,
  ].join(", ");
}

/** The seat that lies nearest in the direction of an arrow, or none. */
function neighbour(places, from, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const place of places) {
    const along = (place.x - from.x) * dx + (place.y - from.y) * dy;
    const aside = Math.abs((place.x - from.x) * dy) + Math.abs((place.y - from.y) * dx);
    if (along > 1 && along + 2 * aside < least) {
      least = along + 2 * aside;
      best = place;
    }
  }
  return best;
}

function move(event, places, from, choose) {
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  const next = neighbour(places, from, arrow);
  if (!next) return;
  choose(next.seat.terminal);
  event.currentTarget.closest("svg").querySelector(`[data-terminal="${next.seat.terminal}"]`).focus();
}

export function plan(seats, chosen, choose) {
  if (seats.length === 0) return html`<p class="choose">${t("live.waiting")}</p>`;
  const { places, size } = placed(seats);
  const lamp = size * 0.19;
  return html`<svg class="hall-plan" viewBox="0 0 1000 ${HEIGHT}" role="group" aria-label=${t("hall.plan")}>
    <rect class="presidium" x="390" y="3" width="220" height="46" rx="11"></rect>
    <text class="presidium-name" x="500" y="34" text-anchor="middle">${t("board.presidium")}</text>
    ${places.map((place) => {
      const { seat, x, y } = place;
      const left = x - size / 2;
      const top = y - size / 2;
      return svg`<g class="place" role="button" data-terminal=${seat.terminal} data-badge=${seat.badge_in} data-powered=${seat.powered}
          aria-pressed=${seat.terminal === chosen} aria-label=${words(seat)} tabindex=${seat.terminal === chosen ? 0 : -1}
          @click=${() => choose(seat.terminal)}
          @keydown=${(event) => (event.key === "Enter" || event.key === " " ? (event.preventDefault(), choose(seat.terminal)) : move(event, places, place, choose))}>
        <rect class="desk" x=${left} y=${top} width=${size} height=${size} rx=${size * 0.18}></rect>
        <text class="label" x=${left + size * 0.14} y=${top + size * 0.46} font-size=${size * 0.36}>${seat.label}</text>
        ${lampAt("status", seat.lamps.status ?? "off", left + size * 0.66, top + size * 0.14, size * 0.26)}
        ${LAMPS.map((name, index) => lampAt(name, seat.lamps[name], left + size * 0.09 + index * size * 0.21, top + size * 0.64, lamp))}
      </g>`;
    })}
  </svg>`;
}
