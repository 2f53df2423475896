/* The shapes of a seat. Each says its meaning by form; colour only repeats it. */
import { html, svg } from "../vendored/lit-core.min.js";

const BODIES = {
  for: svg`<circle class="plain" cx="12" cy="12" r="11"/><path d="m6.8 12.4 3.6 3.6 7-7.6" fill="none" stroke-width="2.8" stroke-linecap="round" stroke-linejoin="round"/>`,
  against: svg`<rect class="plain" x="1.8" y="1.8" width="20.4" height="20.4" rx="3"/><path d="m7.3 7.3 9.4 9.4m0-9.4-9.4 9.4" fill="none" stroke-width="2.8" stroke-linecap="round"/>`,
  abstain: svg`<path class="plain" d="M10.7 1.9a1.5 1.5 0 0 1 2.6 0l10.2 18.3a1.5 1.5 0 0 1-1.3 2.3H1.8a1.5 1.5 0 0 1-1.3-2.3Z"/><path d="M8 16.4h8" fill="none" stroke-width="2.8" stroke-linecap="round"/>`,
  not_voted: svg`<circle cx="12" cy="12" r="9.3" stroke-width="2.6"/>`,
  absent: svg`<path d="M5.5 12h13" stroke-width="3.2" stroke-linecap="round"/>`,
  done: svg`<circle class="plain" cx="12" cy="12" r="10.6"/>`,
  waiting: svg`<circle cx="12" cy="12" r="9.3" stroke-width="2.6"/>`,
  no_connection: svg`<circle cx="12" cy="12" r="9.6" stroke-width="2.4" stroke-dasharray="4.4 3.15"/><path d="M12 7v6.2m0 3.7v.1" stroke-width="2.8" stroke-linecap="round"/>`,
};

/** An icon of 1em for text lines. */
export const glyph = (kind) =>
  html`<svg class="glyph glyph-${kind}" viewBox="0 0 24 24" aria-hidden="true">${BODIES[kind]}</svg>`;

/** The same shape inside a larger drawing, `size` wide around (x, y). */
export const glyphAt = (kind, x, y, size) =>
  svg`<svg class="glyph-${kind}" x=${x - size / 2} y=${y - size / 2} width=${size} height=${size} viewBox="0 0 24 24">${BODIES[kind]}</svg>`;
