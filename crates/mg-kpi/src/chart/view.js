// The page's side of MCP Apps 2026-01-26: it greets its host, takes the answer of the tool, and shows the drawn part.
(() => {
  const answer = document.getElementById("answer");
  const send = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");

  const follow = (context) => {
    if (context?.theme) document.documentElement.dataset.theme = context.theme;
  };

  const tell = (text, role) => {
    const block = document.createElement("pre");
    block.setAttribute("role", role);
    block.textContent = text;
    answer.replaceChildren(block);
  };

  const tellSize = () => {
    const { width, height } = document.documentElement.getBoundingClientRect();
    send({ method: "ui/notifications/size-changed", params: { width: Math.ceil(width), height: Math.ceil(height) } });
  };

  // The fragment was drawn and escaped by the server. A host that keeps it to itself leaves the text.
  const show = (result) => {
    const drawn = result?._meta?.["mg-platform/view"];
    if (drawn && !result.isError) {
      answer.innerHTML = drawn;
    } else {
      const texts = (result?.content ?? []).filter((block) => block.type === "text");
      tell(texts.map((block) => block.text).join("\n"), result?.isError ? "alert" : "status");
    }
    tellSize(); // a view that is out of sight is not painted, and the observer hears nothing
  };

  const heard = {
    "ui/notifications/tool-result": show,
    "ui/notifications/tool-cancelled": (cancelled) => tell(cancelled?.reason ?? "", "status"),
    "ui/notifications/host-context-changed": follow,
  };

  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.jsonrpc !== "2.0") return;
    if (data.id === 1 && data.result) {
      follow(data.result.hostContext);
      send({ method: "ui/notifications/initialized" });
    } else if (Object.hasOwn(heard, data.method ?? "")) {
      heard[data.method](data.params);
    } else if (data.id !== undefined && ["ping", "ui/resource-teardown"].includes(data.method)) {
      send({ id: data.id, result: {} });
    }
  });

  new ResizeObserver(tellSize).observe(document.documentElement);

  send({
    id: 1,
    method: "ui/initialize",
    params: {
      protocolVersion: "2026-01-26",
      appInfo: { name: "mg-kpi", version: "1" },
      appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    },
  });
})();
