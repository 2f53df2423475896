/* The hall's plan with one shape for each seat, from the seats' own coordinates. */
import { LitElement, html, svg } from "../vendored/lit-core.min.js";
import { glyphAt } from "./shapes.js";
import { local, t } from "./words.js";

const WIDTH = 1000;
const GLYPH_MAX = 62;

/** Whether the votes of the last ballot are still before the hall. */
const showsVotes = (snapshot) => Boolean(snapshot.vote?.result) && snapshot.sitting.phase !== "ended";

/** What a deputy's seat shows now. */
export function seatKind(deputy, snapshot) {
  if (deputy.value && showsVotes(snapshot)) return deputy.value;
  if (deputy.presence === "no_connection" && !deputy.voted) return "no_connection";
  if (snapshot.vote?.state === "open") {
    return deputy.voted ? "done" : deputy.presence === "present" ? "waiting" : "absent";
  }
  if (deputy.presence !== "present") return "absent";
  return snapshot.registration.open && !deputy.registered ? "waiting" : "done";
}

/** The kinds that a plan can show now with their words, in the order of the legend. */
export function legend(snapshot) {
  if (showsVotes(snapshot)) {
    return ["for", "against", "abstain", "not_voted", "absent"].map((kind) => [kind, t(`vote.${kind}`)]);
  }
  const rest = [["absent", t("presence.absent")]];
  if (snapshot.quorum.no_connection > 0) rest.unshift(["no_connection", t("presence.no_connection")]);
  if (snapshot.vote?.state === "open") {
    return [["done", t("vote.cast")], ["waiting", t("vote.waiting")], ...rest];
  }
  return [["done", t(snapshot.registration.open ? "presence.registered" : "presence.present")], ...rest];
}

/** Where each seat stands, in the seats' order, in a drawing of WIDTH by `height`; how large it may be. */
export function placeSeats(seats, height, sizeMax = GLYPH_MAX) {
  const left = Math.min(...seats.map((seat) => seat.x));
  const right = Math.max(...seats.map((seat) => seat.x));
  const top = Math.min(...seats.map((seat) => seat.y));
  const bottom = Math.max(...seats.map((seat) => seat.y));
  const place = (margin) =>
    seats.map((seat) => ({
      x: margin + ((seat.x - left) / (right - left || 1)) * (WIDTH - 2 * margin),
      y: Math.max(margin, height * 0.14) + ((seat.y - top) / (bottom - top || 1)) * (height - margin - Math.max(margin, height * 0.14)),
    }));
  let size = sizeMax;
  for (let round = 0; round < 3; round += 1) {
    const places = place(size / 2 + 2);
    let nearest = Infinity;
    for (let one = 0; one < places.length; one += 1) {
      for (let other = 0; other < one; other += 1) {
        nearest = Math.min(nearest, Math.hypot(places[one].x - places[other].x, places[one].y - places[other].y));
      }
    }
    size = Math.min(sizeMax, nearest * 0.84);
  }
  return { places: place(size / 2 + 2), size };
}

export class SeatMap extends LitElement {
  static properties = { snapshot: { attribute: false }, height: { type: Number }, label: {} };

  constructor() {
    super();
    this.height = 540;
    this.label = "";
    this.plan = { key: "", places: [], size: 0 };
  }

  createRenderRoot() {
    return this;
  }

  placed() {
    const { seats } = this.snapshot;
    const key = `${this.height}/${seats.map((seat) => `${seat.terminal},${seat.x},${seat.y}`).join()}`;
    if (key !== this.plan.key) this.plan = { key, ...placeSeats(seats, this.height) };
    // the places are remembered; the seats that stand there are always those of this snapshot
    return { size: this.plan.size, places: this.plan.places.map((place, index) => ({ ...place, seat: seats[index] })) };
  }

  render() {
    if (!this.snapshot || this.snapshot.seats.length === 0) return html``;
    const deputies = new Map(this.snapshot.deputies.map((deputy) => [deputy.id, deputy]));
    const sitting = new Map(this.snapshot.deputies.filter((deputy) => deputy.terminal).map((deputy) => [deputy.terminal, deputy]));
    const { places, size } = this.placed();
    return html`<svg class="seat-map" viewBox="0 0 ${WIDTH} ${this.height}" role="img" aria-label=${this.label || t("board.plan")}>
      <rect class="presidium" x="390" y="3" width="220" height="46" rx="11"></rect>
      <text class="presidium-name" x="500" y="35" text-anchor="middle">${t("board.presidium")}</text>
      ${places.map(({ seat, x, y }) => {
        const deputy = deputies.get(seat.deputy) ?? sitting.get(seat.terminal);
        const kind = deputy ? seatKind(deputy, this.snapshot) : seat.state === "lost" ? "no_connection" : "absent";
        return svg`<g data-terminal=${seat.terminal} data-kind=${kind}>${glyphAt(kind, x, y, size)}<title>${seat.label}${deputy ? ` · ${local(deputy.name).full}` : ""}</title></g>`;
      })}
    </svg>`;
  }
}
customElements.define("seat-map", SeatMap);
