/* The clock of an open vote: counts down by the hall's own time, never by the wall's. */
import { LitElement, html } from "../vendored/lit-core.min.js";
import { clockText, t } from "./words.js";

const TICK_MS = 100;
const LAST_SECONDS_MS = 5000;

export class VoteClock extends LitElement {
  static properties = { feed: { attribute: false }, deadline: { type: Number }, duration: { type: Number } };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.requestUpdate(), TICK_MS);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  render() {
    if (!this.feed) return html``;
    const left = Math.max(0, Math.min(this.deadline - this.feed.hallMs, this.duration));
    const text = this.feed.stale ? "–:––" : clockText(left);
    const last = left <= LAST_SECONDS_MS && !this.feed.stale;
    return html`<div class="clock numbers ${last ? "clock-last" : ""} ${this.feed.stale ? "clock-stale" : ""}" role="timer" aria-live="off">
        <span class="clock-digits">${text}</span><span class="clock-word">${t("board.voting.left")}</span>
      </div>
      <svg class="clock-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="1000" height="10"></rect>
        <rect class="left" width=${(1000 * left) / (this.duration || 1)} height="10"></rect>
      </svg>`;
  }
}
customElements.define("vote-clock", VoteClock);
