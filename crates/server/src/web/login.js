// Signs in with the code after `#`, or with a password where one is set; then goes on to the canvas.
"use strict";
const said = document.getElementById("said");
const form = document.getElementById("form");

// Without a password only an address with a code signs in.
function ask() {
  form.hidden = form.dataset.password !== "yes";
  document.getElementById("how").hidden = !form.hidden;
}


async function signIn(body) {
  const answer = await fetch("/api/v1/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) {
    form.hidden = true;
    said.textContent = "Signed in. / 已登录。";
    location.replace("/");
    return;
  }
  const problem = await answer.json();
  said.textContent = problem.hint ? `${problem.detail} (${problem.hint})` : problem.detail;
  ask();
}

const away = () => {
  said.textContent = "The server does not answer. / 服务器没有响应。";
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn({ password: document.getElementById("password").value }).catch(away);
});

const code = new URLSearchParams(location.hash.slice(1)).get("code");
// A code is good once: it does not stay in the address or in the history.
history.replaceState(null, "", location.pathname);
if (code) {
  signIn({ code }).catch(away);
} else {
  ask();
}
