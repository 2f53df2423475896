/* The virtual hall: the plan of all seats, one seat large, and the crowd. A press here moves the
   contact of a simulated button; lamps and screen show what the seat's own program does with it. */
import { LitElement, html, nothing } from "/static/vendored/lit-core.min.js";
import { language, local, t } from "/static/js/words.js";
import { Hands } from "./hands.js";
import { plan } from "./plan.js";
import { terminal } from "./terminal.js";

const KEYS = { 1: "for", 2: "against", 3: "abstain", 4: "floor" };
const CROWD = ["arrive_all", "vote_random", "leave_all"];
const RETRY_MS = 1000;

class VirtualHall extends LitElement {
  static properties = { seats: { state: true }, chosen: { state: true }, stale: { state: true }, said: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.seats = new Map();
    this.chosen = location.hash.slice(1);
    this.stale = false;
    this.said = "";
    this.busy = "";
    this.hands = new Hands(() => {
      this.said = t("hall.failed");
    });
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.connect();
    document.addEventListener("keydown", (event) => this.key(event, true));
    document.addEventListener("keyup", (event) => this.key(event, false));
    window.addEventListener("blur", () => this.hands.releaseAll());
    window.addEventListener("hashchange", () => this.choose(location.hash.slice(1)));
  }

  connect() {
    this.source?.close();
    this.source = new EventSource("/api/live");
    this.source.addEventListener("seats", (event) => {
      const changed = JSON.parse(event.data).map((seat) => [seat.terminal, seat]);
      this.seats = new Map([...this.seats, ...changed]);
      this.stale = false;
      if (!this.seats.has(this.chosen)) this.chosen = changed[0]?.[0] ?? "";
    });
    this.source.addEventListener("error", () => {
      this.stale = true;
      if (this.source.readyState === EventSource.CLOSED) setTimeout(() => this.connect(), RETRY_MS);
    });
  }

  get seat() {
    return this.seats.get(this.chosen);
  }

  choose(name) {
    if (!this.seats.has(name)) return;
    this.hands.releaseAll();
    this.chosen = name;
    history.replaceState(null, "", `#${name}`);
  }

  step(by) {
    const names = [...this.seats.keys()];
    this.choose(names[(names.indexOf(this.chosen) + by + names.length) % names.length]);
  }

  key(event, down) {
    if (event.ctrlKey || event.altKey || event.metaKey || !this.seat) return;
    const button = KEYS[event.key];
    if (button) {
      if (!event.repeat) this.hands[down ? "press" : "release"](this.chosen, button);
    } else if (down && !event.repeat && event.code === "KeyB") {
      this.hands.badge(this.chosen, !this.seat.badge_in);
    } else if (down && (event.key === "ArrowLeft" || event.key === "ArrowRight") && !event.target.closest?.(".hall-plan")) {
      this.step(event.key === "ArrowLeft" ? -1 : 1);
    }
  }

  async crowd(action) {
    this.busy = action;
    this.said = "";
    const done = await this.hands.crowd(action);
    this.busy = "";
    this.said = done ? `${t(`hall.crowd.${action}`)}: ${t("hall.done").toLowerCase()}` : t("hall.failed");
  }

  render() {
    const seats = [...this.seats.values()];
    const here = seats.filter((seat) => seat.badge_in).length;
    return html`${this.stale ? html`<div class="stale" role="alert"><strong>${t("live.stale")}</strong></div>` : nothing}
      <div class="hall">
        <section class="hall-room" aria-label=${t("hall.plan")}>
          ${plan(seats, this.chosen, (name) => this.choose(name))}
          <div class="crowd card" role="group" aria-labelledby="crowd-title">
            <div class="crowd-words"><h2 id="crowd-title">${t("hall.crowd")}</h2>
              <p class="quiet numbers">${t("hall.with_badge")}: ${here} / ${seats.length}</p></div>
            ${CROWD.map(
              (action) => html`<button class="button" type="button" aria-busy=${this.busy === action} ?disabled=${this.busy !== ""} @click=${() => this.crowd(action)}>${t(`hall.crowd.${action}`)}</button>`,
            )}
            <p class="crowd-said" role="status">${this.said}</p>
          </div>
        </section>
        <section class="hall-seat" id="terminal" tabindex="-1" aria-label=${this.seat ? t("hall.seat", { label: this.seat.label }) : t("hall.choose")}>
          ${this.seat ? terminal(this.seat, this.hands, (by) => this.step(by)) : html`<p class="choose">${t("hall.choose")}</p>`}
        </section>
      </div>
      <p class="visually-hidden" role="status">${this.seat ? `${t("hall.seat", { label: this.seat.label })}, ${this.seat.deputy ? local(this.seat.deputy.name).full : t("hall.nobody")}` : ""}</p>`;
  }
}
customElements.define("virtual-hall", VirtualHall);
document.documentElement.dataset.language = language;
