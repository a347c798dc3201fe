// Shows the token to the server once; afterwards a cookie that no script can read stands for it.
"use strict";

const form = document.getElementById("sign-in");
const field = document.getElementById("token");
const said = document.getElementById("said");

// a page that found nobody signed in says where it wants to go on; only addresses of this server are taken
function wayBack() {
  const wanted = new URL(new URLSearchParams(location.search).get("next") ?? "/", location.origin);
  return wanted.origin === location.origin ? wanted.pathname + wanted.search : "/";
}

async function signIn(token) {
  const reply = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (reply.ok) {
    location.replace(wayBack());
  } else if (token.startsWith("once_")) {
    said.textContent = (await reply.json()).problems?.map((one) => `${one.message} ${one.fix}`).join(" ");
  } else {
    said.textContent = reply.status === 401 ? "This token opens nothing here." : `Refused (${reply.status}).`;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn(field.value.trim());
});

// the address that 'skyloom up' prints carries a word behind '#', which browsers do not send anywhere
const behind = new URLSearchParams(location.hash.slice(1));
const given = behind.get("once") ?? behind.get("token");
if (given) {
  history.replaceState(null, "", location.pathname + location.search);
  signIn(given);
}
