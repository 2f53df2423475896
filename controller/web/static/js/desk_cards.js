/* The cards beside the chair's next step: agenda, presence, and the people to look for now. */
import { html, nothing } from "../vendored/lit-core.min.js";
import { glyph } from "./shapes.js";
import { language, local, t } from "./words.js";

const DECIDED = { true: "for", false: "against" };

const AFTER_REGISTRATION = new Set(["item", "proclaimed"]);

/** Why a step cannot be done now, as precisely as the phase tells. */
export function whyNot(step, snapshot) {
  if (step.reason !== "wrong_state") return t(`error.${step.reason}`);
  const { phase } = snapshot.sitting;
  const { command } = step;
  if (command === "open_registration" && phase !== "ended") return t("why.open_registration");
  if (command === "close_registration" && !["prepared", "ended"].includes(phase)) return t("why.close_registration");
  if (AFTER_REGISTRATION.has(phase)) return t(`why.${command}`);
  if (phase === "registration" && !snapshot.registration.open) return t("why.phase.registered");
  return t(`why.phase.${phase}`);
}

/** The agenda with its progress; each item can be announced from here. */
export function agenda(snapshot, press) {
  const done = snapshot.agenda.filter((item) => item.state === "done").length;
  const steps = new Map(
    [snapshot.steps.primary, ...snapshot.steps.others]
      .filter((step) => step?.command === "announce_item")
      .map((step) => [step.fields.item, step]),
  );
  return html`<section class="card" aria-labelledby="agenda-title">
    <h2 id="agenda-title">${t("chair.agenda")}</h2>
    <p class="quiet numbers">${t("chair.agenda.progress", { done, count: snapshot.agenda.length })}</p>
    <progress class="visually-hidden" max=${snapshot.agenda.length} .value=${done} aria-label=${t("chair.agenda.progress", { done, count: snapshot.agenda.length })}></progress>
    <ol class="items">${snapshot.agenda.map((item) => agendaItem(item, steps.get(item.id), snapshot, press))}</ol>
  </section>`;
}

function agendaItem(item, step, snapshot, press) {
  const current = item.state === "current";
  const state = item.adopted === null ? t(`chair.item.${item.state}`) : t(item.adopted ? "board.adopted" : "board.not_adopted");
  return html`<li data-state=${item.state} aria-current=${current ? "step" : "false"}>
    <span class="item-number numbers">${item.number}</span>
    <span class="item-words"><span class="item-title">${local(item.title)}</span>
      <span class="item-line"><span class="item-state">${item.adopted === null ? nothing : glyph(DECIDED[item.adopted])}${state}</span>
    ${current || !step
      ? nothing
      : html`<button class="button" type="button" aria-disabled=${!step.allowed} aria-label="${t("step.announce_item", { number: item.number })}${step.allowed ? "" : `. ${whyNot(step, snapshot)}`}" title=${step.allowed ? "" : whyNot(step, snapshot)} @click=${() => press(step)}>${t("chair.announce")}</button>`}</span></span>
  </li>`;
}

/** Who is here, live; registered beside it, because the two are not the same. */
export function presence(snapshot, clock) {
  const { quorum, established } = snapshot;
  return html`<section class="card presence-card" aria-labelledby="presence-title" data-reached=${quorum.reached}>
    <div class="presence-top"><h2 id="presence-title">${t("chair.presence")}</h2><span class="numbers desk-clock">${clock}</span></div>
    <p class="presence-count numbers"><strong>${quorum.present}</strong><span>${t("board.registered.of", { established })}</span></p>
    <p class="presence-quorum">${t(quorum.reached ? "board.quorum.yes" : "board.quorum.no", { needed: quorum.needed })}</p>
    <dl class="numbers">
      <div><dt>${t("chair.registered")}</dt><dd>${quorum.registered}</dd></div>
      <div data-warn=${quorum.no_connection > 0}><dt>${t("chair.no_connection")}</dt><dd>${quorum.no_connection}</dd></div>
    </dl>
  </section>`;
}

/** Whoever the chair must look for: speakers first, then those who have not pressed, else the absent. */
export function people(snapshot) {
  const voting = snapshot.vote?.state === "open";
  const byId = new Map(snapshot.deputies.map((deputy) => [deputy.id, deputy]));
  const sorted = snapshot.order[language].map((id) => byId.get(id));
  const waiting = sorted.filter((deputy) => deputy.presence === "present" && deputy.registered && !deputy.voted);
  const missing = sorted.filter((deputy) => deputy.presence !== "present");
  return html`
    ${voting ? card(snapshot, "chair.waiting", waiting, "chair.waiting.nobody", "waiting") : nothing}
    ${card(snapshot, "chair.floor", snapshot.floor.queue.map((id) => byId.get(id)), "chair.floor.nobody", "floor")}
    ${voting ? nothing : card(snapshot, "chair.missing", missing, "chair.missing.nobody", "missing")}`;
}

function card(snapshot, title, deputies, nobody, kind) {
  const labels = new Map(snapshot.seats.map((seat) => [seat.terminal, seat.label]));
  const factions = new Map(snapshot.factions.map((faction) => [faction.id, local(faction.short)]));
  const row = (deputy) => html`<li>
    ${kind === "floor" ? nothing : glyph(deputy.presence === "no_connection" ? "no_connection" : kind === "waiting" ? "waiting" : "absent")}
    <span class="person">${local(deputy.name).short}</span>
    <span class="quiet numbers">${[kind === "waiting" ? "" : factions.get(deputy.faction), deputy.terminal ? t("chair.seat", { label: labels.get(deputy.terminal) }) : ""].filter(Boolean).join(" · ")}</span>
  </li>`;
  return html`<section class="card people" data-kind=${kind} aria-label=${t(title)}>
    <div class="people-top"><h2>${t(title)}</h2><span class="count numbers">${deputies.length}</span></div>
    ${deputies.length === 0
      ? html`<p class="quiet">${t(nobody)}</p>`
      : html`<ol tabindex="0" aria-label=${t(title)}>${deputies.map(row)}</ol>`}
  </section>`;
}
