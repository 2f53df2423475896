/* One seat, large: its screen, its four buttons under their lamps, the badge and the supply. */
import { html, svg } from "/static/vendored/lit-core.min.js";
import { local, t } from "/static/js/words.js";
import { LAMPS, lampAt } from "./lamps.js";

const KEYS = { for: "1", against: "2", abstain: "3", floor: "4" };
const FINGER_KEYS = new Set([" ", "Enter"]);

const lamp = (name, state) => html`<svg class="big-lamp" viewBox="0 0 24 24" aria-hidden="true">${svg`${lampAt(name, state, 0, 0, 24)}`}</svg>`;

function button(seat, name, hands) {
  const down = () => hands.press(seat.terminal, name);
  const up = () => hands.release(seat.terminal, name);
  return html`<div class="key">
    ${lamp(name, seat.lamps[name])}
    <button type="button" class="press press-${name}" title=${t("hall.hold")} aria-label="${t(`hall.${name}`)} (${t(`hall.lamp.${seat.lamps[name]}`)})"
      @pointerdown=${(event) => { event.currentTarget.setPointerCapture(event.pointerId); down(); }}
      @pointerup=${up} @pointercancel=${up} @lostpointercapture=${up} @blur=${up}
      @contextmenu=${(event) => event.preventDefault()}
      @keydown=${(event) => { if (FINGER_KEYS.has(event.key)) { event.preventDefault(); if (!event.repeat) down(); } }}
      @keyup=${(event) => { if (FINGER_KEYS.has(event.key)) up(); }}>
      <span aria-hidden="true"></span>
    </button>
    <span class="key-name" aria-hidden="true">${t(`hall.${name}`)}</span>
    <kbd aria-hidden="true">${KEYS[name]}</kbd>
  </div>`;
}

export function terminal(seat, hands, step) {
  const name = seat.deputy ? local(seat.deputy.name).full : t("hall.nobody");
  return html`<div class="seat-head">
      <div><p class="seat-label">${t("hall.seat", { label: seat.label })}</p><h2>${name}</h2></div>
      <div class="seat-steps">
        <button class="button" type="button" aria-label=${t("hall.previous")} @click=${() => step(-1)}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m14.5 5-7 7 7 7"></path></svg></button>
        <button class="button" type="button" aria-label=${t("hall.next")} @click=${() => step(1)}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m9.5 5 7 7-7 7"></path></svg></button>
      </div>
    </div>
    <div class="device" data-powered=${seat.powered} data-terminal=${seat.terminal}>
      <div class="bezel">
        ${seat.powered
          ? html`<img class="screen" width="384" height="192" alt=${t("hall.screen")} src="/api/seats/${seat.terminal}/screen.png?r=${seat.screen_revision}">`
          : html`<p class="screen screen-off">${t("hall.power.is_off")}</p>`}
        <span class="status">${lamp("status", seat.lamps.status ?? "off")}</span>
      </div>
      <div class="keys">${LAMPS.map((one) => button(seat, one, hands))}</div>
      <div class="slot" data-in=${seat.badge_in} aria-hidden="true"><span class="badge-card"><i></i>${seat.deputy ? local(seat.deputy.name).short : name}</span></div>
    </div>
    <div class="seat-hands">
      <button class="button button-primary badge-button" type="button" @click=${() => hands.badge(seat.terminal, !seat.badge_in)}>${t(seat.badge_in ? "hall.badge.out" : "hall.badge.in")} <kbd aria-hidden="true">B</kbd></button>
      <button class="button" type="button" role="switch" aria-checked=${seat.powered} aria-label=${t("hall.power")} @click=${() => hands.power(seat.terminal, !seat.powered)}>${t(seat.powered ? "hall.power.off" : "hall.power.on")}</button>
    </div>
    <p class="quiet keys-help">${t("hall.keys")}</p>`;
}
