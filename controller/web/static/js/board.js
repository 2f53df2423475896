/* The board of the hall. It shows what the newest snapshot says and decides nothing. */
import { LitElement, html, nothing } from "../vendored/lit-core.min.js";
import { Feed } from "./feed.js";
import "./names.js";
import { legend } from "./seat_map.js";
import { glyph } from "./shapes.js";
import "./vote_clock.js";
import { language, local, t } from "./words.js";

const VALUES = ["for", "against", "abstain", "not_voted", "absent"];
const FLOOR_SHOWN_MAX = 6;
const ROOT_CHARACTERS = 16;

/** A class that keeps a text of any length in its place. */
function lengthClass(text) {
  if (text.length <= 60) return "length-1";
  if (text.length <= 110) return "length-2";
  if (text.length <= 220) return "length-3";
  if (text.length <= 450) return "length-4";
  return "length-5";
}

class HallBoard extends LitElement {
  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.feed = new Feed("/api/live", () => this.requestUpdate());
  }

  get now() {
    return this.feed.snapshot;
  }

  render() {
    if (!this.now) return html`<main class="board-empty"><p>${t("live.waiting")}</p></main>${this.stale()}`;
    const phase = this.now.sitting.phase;
    return html`${this.stale()}
      <div class="board" data-phase=${phase} data-stale=${this.feed.stale}>
        ${this.top()}
        <main class="board-main">${this.scene(phase)}</main>
        ${this.foot()}
        <p class="visually-hidden" role="status">${this.spoken(phase)}</p>
      </div>`;
  }

  stale() {
    if (!this.feed.stale) return nothing;
    return html`<div class="stale" role="alert"><strong>${t("live.stale")}</strong> ${this.now ? t("live.stale.since", { clock: this.feed.clock }) : nothing}</div>`;
  }

  scene(phase) {
    if (phase === "none") return html`<h1 class="alone">${t("board.none")}</h1>`;
    if (phase === "prepared") return this.prepared();
    if (phase === "registration") return this.registration();
    if (phase === "item") return this.item();
    if (phase === "voting") return this.voting();
    if (phase === "ended") return this.ended();
    return this.result();
  }

  top() {
    const { hall, sitting, quorum, established } = this.now;
    return html`<header class="board-top">
      <div class="who">
        <p class="hall-name">${hall ? local(hall.name) : nothing}</p>
        <p class="sitting-name">${local(sitting.title)} · ${this.feed.time?.date?.[language] ?? ""}</p>
      </div>
      <div class="presence numbers" data-reached=${quorum.reached}>
        <p class="present">${t("board.present", { present: quorum.present, established })}</p>
        <p class="quorum"><span class="quorum-state">${quorum.reached ? this.tick() : this.cross()}${t(quorum.reached ? "board.quorum.yes" : "board.quorum.no", { needed: quorum.needed })}</span>
          ${quorum.no_connection > 0 ? html`<span class="lost">${glyph("no_connection")}${t("board.no_connection", { count: quorum.no_connection })}</span>` : nothing}</p>
      </div>
      <p class="time-of-day numbers">${this.feed.clock}</p>
    </header>`;
  }

  tick() {
    return html`<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="m4 13 5.4 5.4L20.5 6.5"></path></svg>`;
  }

  cross() {
    return html`<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="m5.5 5.5 13 13m0-13-13 13"></path></svg>`;
  }

  map(height) {
    return html`<figure class="plan">
      <seat-map .snapshot=${this.now} height=${height}></seat-map>
      <figcaption class="legend">${legend(this.now).map(([kind, word]) => html`<span>${glyph(kind)}${word}</span>`)}</figcaption>
    </figure>`;
  }

  prepared() {
    return html`<div class="split">
      <section class="words">
        <p class="eyebrow">${t("board.prepared")}</p>
        <h1 class="title ${lengthClass(local(this.now.sitting.title))}">${local(this.now.sitting.title)}</h1>
        ${this.agenda()}
      </section>
      ${this.map(680)}
    </div>`;
  }

  registration() {
    const { quorum, established, registration } = this.now;
    const share = (number) => (1000 * Math.min(number, established)) / (established || 1);
    return html`<div class="split">
      <section class="words">
        <p class="eyebrow ${registration.open ? "eyebrow-live" : ""}">${t(registration.open ? "board.registration" : "board.registered")}</p>
        <p class="great numbers"><strong>${quorum.registered}</strong><span>${t("board.registered.of", { established })}<br>${t("board.registered.label")}</span></p>
        <div class="gauge">
          <svg class="bar" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true">
            <rect class="track" width="1000" height="40"></rect>
            <rect class="fill" width=${share(quorum.registered)} height="40"></rect>
            <rect class="needed" x=${share(quorum.needed) - 3} width="6" height="40"></rect>
          </svg>
          <p class="gauge-words"><span>${t(quorum.reached ? "board.quorum.yes" : "board.quorum.no", { needed: quorum.needed })}</span></p>
        </div>
        ${registration.open ? html`<p class="lead">${t("board.registration.how")}</p>` : this.agenda()}
      </section>
      ${this.map(680)}
    </div>`;
  }

  itemNow() {
    return this.now.agenda.find((item) => item.id === this.now.item);
  }

  item() {
    const item = this.itemNow();
    const count = this.now.agenda.length;
    return html`<div class="split">
      <section class="words">
        <p class="eyebrow">${t("board.item.of", { number: item.number, count })}</p>
        <h1 class="title ${lengthClass(local(item.title))}">${local(item.title)}</h1>
        ${local(item.question) === local(item.title) ? nothing : html`<p class="lead ${lengthClass(local(item.question))}">${local(item.question)}</p>`}
        ${this.floor()}
      </section>
      ${this.map(680)}
    </div>`;
  }

  floor() {
    const { queue } = this.now.floor;
    if (queue.length === 0) return nothing;
    const deputies = new Map(this.now.deputies.map((deputy) => [deputy.id, deputy]));
    const more = queue.length - FLOOR_SHOWN_MAX;
    return html`<section class="floor">
      <h2>${t("board.floor")}</h2>
      <ol>${queue.slice(0, FLOOR_SHOWN_MAX).map((id, index) => html`<li><span class="numbers">${index + 1}</span>${local(deputies.get(id).name).short}</li>`)}</ol>
      ${more > 0 ? html`<p>${t("board.floor.more", { count: more })}</p>` : nothing}
    </section>`;
  }

  voting() {
    const { vote } = this.now;
    const item = this.itemNow();
    const wording = local(vote.question);
    return html`<div class="split split-vote">
      <section class="words">
        <p class="eyebrow eyebrow-live">${t("board.voting")} · ${t("board.item", { number: item?.number ?? "" })}</p>
        <h1 class="title ${lengthClass(wording)}">${wording}</h1>
        <vote-clock .feed=${this.feed} deadline=${vote.deadline_ms} duration=${vote.duration_ms}></vote-clock>
      </section>
      <section class="turnout">
        ${this.map(590)}
        <div class="pair">
          <p class="fact"><span>${t("board.voted")}</span><strong class="numbers">${t("board.voted.of", { voted: vote.voted, entitled: vote.entitled })}</strong></p>
          <p class="fact"><span>${t("board.needed")}</span><strong class="numbers">${vote.votes_needed}</strong></p>
        </div>
        <svg class="bar" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true">
          <rect class="track" width="1000" height="40"></rect>
          <rect class="fill" width=${(1000 * vote.voted) / (vote.entitled || 1)} height="40"></rect>
        </svg>
      </section>
    </div>`;
  }

  result() {
    const { vote } = this.now;
    const { result } = vote;
    const item = this.itemNow();
    const wording = local(vote.question);
    return html`<div class="result">
      <section class="decision" data-adopted=${result.adopted}>
        ${glyph(result.adopted ? "for" : "against")}
        <h1>${t(result.adopted ? "board.adopted" : "board.not_adopted")}</h1>
        <p class="decision-why numbers"><strong>${t("board.for_of", { votes: result.for })}</strong><span>${t("board.needed.short", { needed: vote.votes_needed })}<small> ${t(`board.base.${vote.base.name}`, { number: vote.base.number })}</small></span></p>
      </section>
      <p class="wording ${lengthClass(wording)}"><span>${t("board.item", { number: item?.number ?? "" })}</span> ${wording}</p>
      <dl class="five numbers">${VALUES.map((value) => html`<div data-value=${value}><dt>${glyph(value)}${t(`vote.${value}`)}</dt><dd>${result[value]}</dd></div>`)}</dl>
      <seat-map .snapshot=${this.now} height="620"></seat-map>
      <vote-names .snapshot=${this.now}></vote-names>
    </div>`;
  }

  ended() {
    return html`<div class="split">
      <section class="words">
        <p class="eyebrow">${local(this.now.sitting.title)}</p>
        <h1 class="title length-1">${t("board.ended")}</h1>
        ${this.agenda()}
      </section>
      ${this.map(680)}
    </div>`;
  }

  agenda() {
    const over = this.now.sitting.phase === "ended";
    const crowded = this.now.agenda.length > 8 ? "agenda-crowded" : "";
    return html`<section class="agenda ${crowded}">
      <h2>${t("board.agenda")}</h2>
      <ol>${this.now.agenda.map(
        (item) => html`<li data-state=${item.state}><span class="agenda-number numbers">${item.number}</span><span class="agenda-title">${local(item.title)}</span>${over ? html`<span class="agenda-decision">${this.decided(item)}</span>` : nothing}</li>`,
      )}</ol>
    </section>`;
  }

  decided(item) {
    if (item.adopted === null) return t("board.item.undecided");
    return html`${glyph(item.adopted ? "for" : "against")}${t(item.adopted ? "board.adopted" : "board.not_adopted")}`;
  }

  foot() {
    const { checkpoint, vote, sitting } = this.now;
    const proclaimed = sitting.phase === "proclaimed";
    return html`<footer class="board-foot numbers">
      <span>${vote?.result && sitting.phase !== "ended" ? t(proclaimed ? "board.proclaimed" : "board.closed") : nothing}</span>
      <span class="checkpoint">${checkpoint ? t("board.checkpoint", { size: checkpoint.size, root: checkpoint.root.slice(0, ROOT_CHARACTERS) }) : nothing}</span>
    </footer>`;
  }

  spoken(phase) {
    if (phase === "voting") return t("board.voting");
    const result = this.now.vote?.result;
    if (!result || phase === "ended") return "";
    return `${t(result.adopted ? "board.adopted" : "board.not_adopted")}. ${VALUES.map((value) => `${t(`vote.${value}`)}: ${result[value]}`).join(", ")}`;
  }
}
customElements.define("hall-board", HallBoard);
