/* The lamps of a seat: each button's lamp has its own shape, lit or dark, steady or blinking. */
import { svg } from "/static/vendored/lit-core.min.js";

const SHAPES = {
  for: svg`<circle cx="12" cy="12" r="10"></circle>`,
  against: svg`<rect x="2.5" y="2.5" width="19" height="19" rx="2.5"></rect>`,
  abstain: svg`<path d="M12 2.6 22.3 21H1.7Z"></path>`,
  floor: svg`<path d="m12 1.2 10.8 10.8L12 22.8 1.2 12Z"></path>`,
  status: svg`<circle cx="12" cy="12" r="7"></circle>`,
};

export const LAMPS = ["for", "against", "abstain", "floor"];

/** One lamp `size` wide with its corner at (x, y). */
export const lampAt = (name, state, x, y, size) =>
  svg`<svg class="lamp lamp-${name}" data-state=${state} x=${x} y=${y} width=${size} height=${size} viewBox="0 0 24 24">${SHAPES[name]}</svg>`;
