/* Signs in without reloading the page, so that a refusal is a sentence beside the field. */
import { language, t } from "./words.js";

const form = document.getElementById("sign-in");
const field = document.getElementById("password");
const message = document.getElementById("message");

document.getElementById("show").addEventListener("change", (event) => {
  field.type = event.target.checked ? "text" : "password";
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  message.textContent = "";
  try {
    const answer = await fetch(`/api/session?lang=${language}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ password: field.value.trim() }),
    });
    if (answer.ok) {
      location.assign(`/chair?lang=${language}`);
      return;
    }
    message.textContent = (await answer.json()).message;
  } catch {
    message.textContent = t("sign_in.no_answer");
  }
  field.select();
  field.focus();
});
