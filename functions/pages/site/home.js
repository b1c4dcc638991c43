// The page for people: what is pasted is sent to predict and explain, and both answers are shown.

import { ask, problemOf } from "./ask.js";
import { InputError, readPasted } from "./drive_input.js";
import { problemView, forecastView } from "./forecast_view.js";

const EXAMPLE = `date,serial_number,model,smart_5_raw,smart_187_raw,smart_188_raw,smart_197_raw,smart_198_raw
2014-01-18,Z300AAAA,ST4000DM000,8,2,0,0,0
2014-01-25,Z300AAAA,ST4000DM000,48,30,0,40,40
`;

const form = document.querySelector("#ask");
const telemetry = document.querySelector("#telemetry");
const key = document.querySelector("#key");
const result = document.querySelector("#result");
const send = form.querySelector("button.main");
let latest = 0;

async function forecast(pasted) {
  const { type, body } = readPasted(pasted);
  const sent = { key: key.value.trim(), type, body };
  const answers = await Promise.all([ask("POST", "predict", sent), ask("POST", "explain", sent)]);
  const refused = answers.find((answer) => answer.status !== 200);
  if (refused) {
    if (refused.status === 401 || refused.status === 403) document.querySelector("#key-part").open = true;
    return problemView(problemOf(refused));
  }
  return forecastView(answers[0].document, answers[1].document, sent.key !== "");
}

function failed(error) {
  if (error instanceof InputError) {
    return problemView({ title: "This cannot be read", detail: error.message, errors: [] });
  }
  return problemView({ title: "The app does not answer", detail: `${error.message}. Try again.`, errors: [] });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  // Of two requests under way the later one is shown, whichever is answered first.
  const mine = ++latest;
  send.disabled = true;
  let view;
  try {
    view = await forecast(telemetry.value);
  } catch (error) {
    view = failed(error);
  }
  if (mine !== latest) return;
  send.disabled = false;
  result.replaceChildren(view);
  result.scrollIntoView({ block: "nearest" });
});

document.querySelector("#example").addEventListener("click", () => {
  telemetry.value = EXAMPLE;
  form.requestSubmit();
});
