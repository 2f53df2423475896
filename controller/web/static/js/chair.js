/* The chair's desk: one next step, what the hall will see, and why the other steps wait. */
import { LitElement, html, nothing } from "../vendored/lit-core.min.js";
import { agenda, people, presence, whyNot } from "./desk_cards.js";
import { Feed } from "./feed.js";
import { newId, send } from "./orders.js";
import { glyph } from "./shapes.js";
import "./vote_clock.js";
import { language, local, t } from "./words.js";

const VALUES = ["for", "against", "abstain", "not_voted", "absent"];
const EXTENSIONS_MS = [10_000, 30_000];
const JOURNAL_MAX = 5;
// a second Enter right after a step must not carry out the next one
const GUARD_MS = 900;
const TO_CONFIRM = new Set(["end_sitting", "revoke_terminal"]);

/** The values of a step in the page's language. */
const worded = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, local(value)]));
export const stepName = (step) => t(step.key, worded(step.values)).replace(/\s*\{\w+\}/g, "");
const stepShows = (step) => {
  const text = t(step.shows, worded(step.values));
  return /\{\w+\}/.test(text) ? "" : text;
};

class ChairDesk extends LitElement {
  static properties = { said: { state: true }, busy: { state: true }, asked: { state: true }, pending: { state: true } };

  constructor() {
    super();
    this.said = { kind: "", text: "" };
    this.busy = false;
    this.asked = null;
    this.pending = null;
    this.journal = [];
    this.guardUntil = 0;
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.feed = new Feed("/api/chair/live", () => this.requestUpdate(), { refused: () => this.checkSession() });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && document.activeElement === document.body) this.primaryPressed();
    });
    document.getElementById("sign-out").addEventListener("click", () => this.signOut());
  }

  updated() {
    const primary = this.querySelector("#primary");
    if (primary && !this.focusedOnce) {
      this.focusedOnce = true;
      primary.focus();
    }
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }

  get now() {
    return this.feed.snapshot;
  }

  // --- what the chair does

  async checkSession() {
    const answer = await fetch("/api/session").catch(() => null);
    if (answer?.ok && !(await answer.json()).signed_in) location.assign(`/sign-in?lang=${language}`);
  }

  async signOut() {
    await fetch("/api/session", { method: "DELETE" });
    location.assign(`/?lang=${language}`);
  }

  primaryPressed() {
    const step = this.now?.steps.primary;
    if (step) this.press(step);
  }

  /** Orders a step, or says why it cannot be ordered, or asks first where it cannot be undone. */
  press(step, fields = step.fields) {
    if (this.busy || this.asked || performance.now() < this.guardUntil) return;
    if (!step.allowed) {
      this.said = { kind: "refused", text: t("chair.why_not", { message: whyNot(step, this.now) }) };
      return;
    }
    const early = step.command === "close_vote" && step.values.voted < step.values.entitled;
    if (TO_CONFIRM.has(step.command) || early) this.asked = { step, fields };
    else this.order({ id: newId(), command: step.command, fields, name: stepName(step) });
  }

  async order(order) {
    this.busy = true;
    this.pending = null;
    this.said = { kind: "sending", text: t("chair.sending") };
    const answer = await send(order, language, () => {
      this.said = { kind: "sending", text: t("chair.retrying") };
    });
    this.busy = false;
    this.guardUntil = performance.now() + GUARD_MS;
    if (answer.kind === "accepted") {
      const text = t("chair.done", { step: order.name, position: answer.position, clock: this.feed.clock });
      this.journal = [text, ...this.journal].slice(0, JOURNAL_MAX);
      this.said = { kind: "done", text };
    } else if (answer.kind === "unknown") {
      this.pending = order;
      this.said = { kind: "unknown", text: t("chair.unknown") };
    } else if (answer.kind === "signed_out") {
      location.assign(`/sign-in?lang=${language}`);
    } else {
      this.said = { kind: "refused", text: t("chair.refused", { message: answer.message }) };
    }
  }

  confirmed(yes) {
    const { step, fields } = this.asked;
    const chosen = this.querySelector("#terminal")?.value;
    this.querySelector("dialog").close();
    this.asked = null;
    if (yes) {
      this.order({
        id: newId(),
        command: step.command,
        fields: chosen === undefined ? fields : { ...fields, terminal: chosen },
        name: stepName(step),
      });
    }
    this.querySelector("#primary")?.focus();
  }

  // --- what the chair sees

  render() {
    if (!this.now) return html`<p class="desk-waiting">${t("live.waiting")}</p>${this.stale()}`;
    return html`${this.stale()}
      <div class="desk" data-stale=${this.feed.stale}>
        <div class="desk-agenda">${agenda(this.now, (step) => this.press(step))}</div>
        <div class="desk-centre">${this.scene()}${this.action()}${this.others()}</div>
        <div class="desk-people">${presence(this.now, this.feed.clock)}${people(this.now)}</div>
      </div>
      ${this.asked ? this.dialog() : nothing}`;
  }

  stale() {
    if (!this.feed.stale) return nothing;
    return html`<div class="stale" role="alert"><strong>${t("live.stale")}</strong> ${this.now ? t("live.stale.since", { clock: this.feed.clock }) : nothing}</div>`;
  }

  phaseWords() {
    const { sitting, registration } = this.now;
    if (sitting.phase === "registration") return t(registration.open ? "board.registration" : "board.registered");
    if (sitting.phase === "item") {
      const item = this.now.agenda.find((one) => one.id === this.now.item);
      return t("board.item.of", { number: item.number, count: this.now.agenda.length });
    }
    return t(`board.${sitting.phase}`);
  }

  scene() {
    const { sitting, vote, item, agenda: items } = this.now;
    const current = items.find((one) => one.id === item);
    const showVote = ["voting", "closed", "proclaimed"].includes(sitting.phase) && vote;
    const title = showVote ? local(vote.question) : current && sitting.phase === "item" ? local(current.title) : local(sitting.title);
    return html`<section class="now" data-phase=${sitting.phase} aria-labelledby="now-title">
      <p class="now-phase">${this.phaseWords()}</p>
      <h2 id="now-title" class=${title.length > 160 ? "long" : ""}>${title}</h2>
      ${sitting.phase === "item" ? html`<p class="now-question">${local(current.question)}</p>` : nothing}
      ${sitting.phase === "voting" ? this.voting(vote) : nothing}
      ${showVote && vote.result ? this.result(vote) : nothing}
    </section>`;
  }

  voting(vote) {
    const extend = this.now.steps.others.find((step) => step.command === "extend_vote");
    return html`<div class="now-vote">
      <vote-clock .feed=${this.feed} deadline=${vote.deadline_ms} duration=${vote.duration_ms}></vote-clock>
      <div class="turnout numbers">
        <p><span>${t("board.voted")}</span><strong>${t("board.voted.of", { voted: vote.voted, entitled: vote.entitled })}</strong></p>
        <p><span>${t("board.needed")}</span><strong>${vote.votes_needed}</strong></p>
      </div>
      <div class="extend" role="group" aria-label=${t("chair.extend")}>
        <span>${t("chair.extend")}</span>
        ${EXTENSIONS_MS.map(
          (by) => html`<button class="button" type="button" aria-disabled=${!extend?.allowed} @click=${() => this.press(extend, { ...extend.fields, by_ms: by })}>${t("chair.extend.by", { seconds: by / 1000 })}</button>`,
        )}
      </div>
    </div>`;
  }

  result(vote) {
    const { result } = vote;
    return html`<div class="now-result">
      <p class="now-decision" data-adopted=${result.adopted}>${glyph(result.adopted ? "for" : "against")}<strong>${t(result.adopted ? "board.adopted" : "board.not_adopted")}</strong>
        <span class="numbers">${t("board.for_of", { votes: result.for })} · ${t("board.needed.short", { needed: vote.votes_needed })}</span></p>
      <dl class="numbers">${VALUES.map((value) => html`<div><dt>${glyph(value)}${t(`vote.${value}`)}</dt><dd>${result[value]}</dd></div>`)}</dl>
    </div>`;
  }

  action() {
    const step = this.now.steps.primary;
    return html`<section class="action" aria-label=${t("chair.next")}>
      ${step
        ? html`<button id="primary" class="primary" type="button" aria-disabled=${!step.allowed} aria-busy=${this.busy} aria-describedby="primary-shows" @click=${() => this.press(step)}>
            <span class="primary-name">${stepName(step)}</span><kbd aria-hidden="true">Enter ↵</kbd>
          </button>
          <p id="primary-shows" class="shows">${step.allowed ? stepShows(step) : t("chair.why_not", { message: whyNot(step, this.now) })}</p>`
        : html`<p id="primary" class="nothing" tabindex="-1">${t("chair.nothing")}</p>`}
      <div class="said" data-kind=${this.said.kind}>
        <p role="status" aria-live="polite">${this.said.text}</p>
        ${this.pending ? html`<button class="button" type="button" @click=${() => this.order(this.pending)}>${t("chair.repeat")}</button>` : nothing}
      </div>
    </section>`;
  }

  others() {
    const steps = this.now.steps.others.filter((step) => step.command !== "announce_item" && step.command !== "extend_vote");
    return html`<section class="others" aria-labelledby="others-title">
      <h2 id="others-title">${t("chair.others")}</h2>
      <ul>${steps.map(
        (step) => html`<li>
          <button class="button" type="button" aria-disabled=${!step.allowed} @click=${() => this.press(step)}>${stepName(step)}</button>
          <span>${step.allowed ? stepShows(step) : whyNot(step, this.now)}</span>
        </li>`,
      )}</ul>
      ${this.journal.length > 1 ? html`<h2>${t("chair.journal")}</h2><ol class="journal numbers">${this.journal.slice(1).map((line) => html`<li>${line}</li>`)}</ol>` : nothing}
    </section>`;
  }

  dialog() {
    const { step } = this.asked;
    const deputies = new Map(this.now.deputies.map((deputy) => [deputy.id, deputy]));
    return html`<dialog class="card" aria-labelledby="ask" @cancel=${(event) => { event.preventDefault(); this.confirmed(false); }}>
      <p class="now-phase">${t("chair.confirm")}</p>
      <h2 id="ask">${stepName(step)}</h2>
      <p>${stepShows(step)}</p>
      ${step.command === "close_vote" ? html`<p><strong class="numbers">${t("board.voted")}: ${t("board.voted.of", { voted: this.now.vote?.voted ?? 0, entitled: this.now.vote?.entitled ?? 0 })}</strong></p>` : nothing}
      ${step.command === "revoke_terminal"
        ? html`<label for="terminal">${t("chair.terminal.choose")}</label>
          <select id="terminal">${this.now.seats
            .filter((seat) => seat.state !== "revoked" && seat.state !== "never")
            .map((seat) => html`<option value=${seat.terminal}>${seat.label}${seat.deputy ? ` · ${local(deputies.get(seat.deputy).name).short}` : ""}</option>`)}</select>`
        : nothing}
      <div class="answers">
        <button class="button" type="button" @click=${() => this.confirmed(false)}>${t("chair.confirm.no")}</button>
        <button class="button button-primary" type="button" @click=${() => this.confirmed(true)}>${t("chair.confirm.yes")}</button>
      </div>
    </dialog>`;
  }
}
customElements.define("chair-desk", ChairDesk);
