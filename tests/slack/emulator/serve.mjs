// Serves the Slack of npm's `emulate` for the tests of the bot: events go to a subscriber, and a process can be made to die
// at a call. The seed is read from the file named by the first argument; the address is printed as the first line.
//
// The emulator has no way to register an event subscription for Slack, and sends no app_mention: its plugin's `register` is
// wrapped to reach its dispatcher, and a message that mentions the bot is dispatched as a mention first, as Slack does.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const home = pathToFileURL(join(process.argv[3], "node_modules", "emulate", "dist", "api.js")).href;
const dist = dirname(fileURLToPath(home));
const { createEmulator } = await import(home);
const slackPlugin = await findPlugin();
const seed = JSON.parse(readFileSync(process.argv[2], "utf8"));
const bot = seed.slack.oauth_apps[0].bot_user_id;
const calls = [];
const deaths = [];
const sent = [];
let waiting = [];

const register = slackPlugin.register;
slackPlugin.register = (app, store, webhooks, ...rest) => {
  const dispatch = webhooks.dispatch.bind(webhooks);
  const send = async (kind, action, payload, ...more) => {
    sent.push([kind, action, payload, ...more]);
    await dispatch(kind, action, payload, ...more);
  };
  webhooks.dispatch = async (kind, action, payload, ...more) => {
    const { event } = payload;
    if (kind === "message" && !event.subtype && event.user !== bot && event.text?.includes(`<@${bot}>`)) {
      const mention = { ...payload, event_id: `${payload.event_id}M`, event: { ...event, type: "app_mention" } };
      await send("app_mention", action, mention, ...more);
    }
    await send(kind, action, payload, ...more);
  };
  app.post("/driver/subscribe", async (c) => {
    const { url } = await c.req.json();
    for (const old of webhooks.getSubscriptions("slack")) webhooks.unregister(old.id);
    webhooks.register({ url, events: ["*"], active: true, owner: "slack" });
    return c.json({ ok: true });
  });
  app.post("/driver/die", async (c) => {
    deaths.push(await c.req.json());
    return c.json({ ok: true });
  });
  app.post("/driver/again", async (c) => {
    // Deliver the last events once more, as Slack does when it heard nothing in time.
    for (const event of sent.slice(-12)) await dispatch(...event);
    return c.json({ ok: true });
  });
  app.post("/driver/wait", async (c) => {
    // Until the bot has called something, or a second is over.
    await Promise.race([new Promise((go) => waiting.push(go)), new Promise((go) => setTimeout(go, 1000))]);
    return c.json({ ok: true });
  });
  app.post("/driver/calls", (c) => c.json({ calls, deaths, deliveries: webhooks.getDeliveries() }));
  app.use("*", async (c, next) => {
    const method = c.req.path.split("/").at(-1);
    const bytes = c.req.header("Authorization") ?? "";
    const mine = bytes.includes("xoxb-emulated") || c.req.path.startsWith("/upload/");
    if (mine) calls.push(method);
    const death = mine ? deaths.find((each) => each.method === method && --each.nth === 0) : undefined;
    if (death) deaths.splice(deaths.indexOf(death), 1);
    if (death && !death.after) {
      process.kill(death.pid, "SIGKILL");
      return c.json({ ok: false, error: "nobody_listens" });
    }
    await next();
    if (death) process.kill(death.pid, "SIGKILL");
    if (mine) waiting = waiting.splice(0).map((go) => go()) && [];
  });
  return register(app, store, webhooks, ...rest);
};

async function findPlugin() {
  const named = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const file = named.find((name) => /export \{[^}]*\bslackPlugin\b/.test(readFileSync(join(dist, name), "utf8")));
  return (await import(pathToFileURL(join(dist, file)).href)).slackPlugin;
}

const emulator = await createEmulator({ service: "slack", port: 0, hostname: "127.0.0.1", seed });
console.log(emulator.url);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
