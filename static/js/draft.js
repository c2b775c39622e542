// A form that survives a dead network and a closed tab. What is written stays in this browser, under the user's own
// number, until the user's own tap has brought it to the server. Nothing is ever sent by itself.
"use strict";
(function () {
  const OFFLINE = "没有网络，已保存在这部手机上，未提交。有网络后请点“提交”。";
  const FULL = "这部手机存不下了，刚写的没有保存。请不要关掉这个页面，有网络后点“提交”。";
  const TOO_BIG = "照片太大，这部手机存不下。文字已保存，照片没有：关掉页面后要重新选照片。";
  const BUSY = "网站没有收下，已保存在这部手机上，未提交。请过几分钟再点“提交”。";
  const ENDED = "登录已到期，已保存在这部手机上，未提交。请登录后再点“提交”。";
  const OLD = "这个页面放得太久，已保存在这部手机上，未提交。请打开新页面，再点“提交”。";

  function shelf(mode, work) {
    return new Promise((done, failed) => {
      const opening = indexedDB.open("drafts", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("photos");
      opening.onerror = () => failed(opening.error);
      opening.onsuccess = () => {
        const base = opening.result;
        try {
          const act = base.transaction("photos", mode);
          const asked = work(act.objectStore("photos"));
          act.oncomplete = () => { base.close(); done(asked.result); };
          act.onabort = () => { base.close(); failed(act.error); };
        } catch (error) {
          base.close();
          failed(error);
        }
      };
    });
  }

  function drafts(user) {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith("draft:" + user + ":")) found.push({ name, ...JSON.parse(localStorage.getItem(name)) });
      }
    } catch (error) {
      return found;
    }
    return found.sort((one, other) => one.at - other.at);
  }

  async function drop(name) {
    localStorage.removeItem(name);
    await shelf("readwrite", (photos) => photos.delete(name)).catch(() => {});
  }

  function element(kind, className, text) {
    const made = document.createElement(kind);
    made.className = className;
    if (text) made.textContent = text;
    if (kind === "button") made.type = "button";
    return made;
  }

  function label(draft) {
    const at = new Date(draft.at);
    const day = at.getMonth() + 1 + "月" + at.getDate() + "日 " + at.toTimeString().slice(0, 5);
    const told = draft.fields.filter(([name, value]) => value && /^(title|place|summary|finding)$/.test(name))[0];
    return day + " 写的" + draft.what + (told ? "：" + told[1].slice(0, 20) : "");
  }

  function notice(text, ...inside) {
    const box = element("div", "notice notice--warn");
    const words = element("div", "");
    const mark = element("span", "notice-mark", "!");
    mark.setAttribute("aria-hidden", "true");
    const first = element("p", "");
    first.append(element("strong", "", text));
    words.append(first, ...inside);
    box.append(mark, words);
    return box;
  }

  function list(place) {
    const kept = drafts(place.dataset.user);
    place.hidden = !kept.length;
    place.textContent = "";
    if (!kept.length) return;
    const links = kept.map((draft) => {
      const link = element("a", "", label(draft));
      link.href = draft.url + "#" + draft.name;
      const line = element("p", "");
      line.append(link);
      return line;
    });
    place.append(notice("未提交的草稿 " + kept.length + " 条", ...links));
  }

  function tend(form, photos) {
    const user = form.dataset.user;
    const key = form.elements.namedItem("key");
    const button = form.querySelector("[type=submit]");
    const prefix = "draft:" + user + ":" + form.dataset.draft + ":";
    const banner = element("div", "");
    const said = element("div", "field");
    said.setAttribute("role", "status");
    said.hidden = true;
    form.before(banner);
    form.querySelector(".fields").append(said);
    const name = () => prefix + key.value;
    const files = () => Array.from(form.querySelectorAll("input[type=file]"));

    function say(text, ...inside) {
      said.textContent = "";
      said.hidden = !text;
      if (text) said.append(notice(text, ...inside));
    }

    function fields() {
      return Array.from(form.elements)
        .filter((one) => one.name && one.name !== "csrfmiddlewaretoken" && !/file|submit|button/.test(one.type))
        .filter((one) => one.checked || !/radio|checkbox/.test(one.type))
        .map((one) => [one.name, one.value]);
    }

    function save() {
      const draft = { at: Date.now(), what: form.dataset.what, url: location.pathname + location.search };
      try {
        localStorage.setItem(name(), JSON.stringify({ ...draft, fields: fields() }));
        return true;
      } catch (error) {
        say(FULL);
        return false;
      }
    }

    async function savePhotos() {
      try {
        await shelf("readwrite", (kept) => kept.put(photos, name()));
      } catch (error) {
        say(TOO_BIG);
      }
      showPhotos();
    }

    function showPhotos() {
      for (const input of files()) {
        const old = input.parentNode.querySelector("[data-chosen]");
        if (old) old.remove();
        const chosen = photos[input.name] || [];
        if (!chosen.length) continue;
        const line = element("p", "", "已选" + chosen.length + "张：" + chosen.map((file) => file.name).join("、") + " ");
        const away = element("button", "button button--quiet", "去掉照片");
        line.dataset.chosen = "";
        away.addEventListener("click", () => { photos[input.name] = []; save(); savePhotos(); });
        line.append(away);
        input.after(line);
      }
    }

    async function resume(draft) {
      for (const one of form.elements) {
        const of = draft.fields.filter((pair) => pair[0] === one.name).map((pair) => pair[1]);
        if (/radio|checkbox/.test(one.type)) one.checked = of.includes(one.value);
        else if (of.length) one.value = of[0];
      }
      photos = (await shelf("readonly", (kept) => kept.get(draft.name)).catch(() => null)) || {};
      for (const fold of form.querySelectorAll("details")) {
        fold.open = fold.open || Array.from(fold.querySelectorAll("input, textarea, select")).some((one) =>
          one.type === "file" ? (photos[one.name] || []).length : !/radio|checkbox/.test(one.type) && one.value);
      }
      showPhotos();
      banners();
      say("这份草稿未提交。核对后请点“提交”。");
    }

    function banners() {
      banner.textContent = "";
      for (const draft of drafts(user)) {
        if (!draft.name.startsWith(prefix) || draft.name === name()) continue;
        const actions = element("div", "actions");
        const on = element("button", "button", "继续填写");
        const away = element("button", "button button--quiet", "删除草稿");
        on.addEventListener("click", () => {
          if (draft.url === location.pathname + location.search) return resume(draft);
          location.assign(draft.url + "#" + draft.name);
        });
        away.addEventListener("click", async () => {
          if (confirm("删除这份草稿？删除后找不回来。")) await drop(draft.name);
          banners();
        });
        actions.append(on, away);
        banner.append(notice("未提交：" + label(draft), actions));
      }
    }

    function another() {
      const actions = element("div", "actions");
      const next = element("button", "button", "再写一条");
      next.addEventListener("click", () => {
        form.reset();
        const random = crypto.getRandomValues(new Uint8Array(16));
        key.value = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
        photos = {};
        showPhotos();
        say("");
        banners();
        window.scrollTo(0, 0);
      });
      actions.append(next);
      return actions;
    }

    function way(text, url) {
      const actions = element("div", "actions");
      const link = element("a", "button", text);
      link.href = url;
      actions.append(link);
      return actions;
    }

    // A link that differs in its fragment alone would load nothing.
    function renewed() {
      const actions = way("打开新页面", "#" + name());
      actions.firstChild.addEventListener("click", () => setTimeout(() => location.reload()));
      return actions;
    }

    function written() {
      const body = new FormData(form);
      for (const input of files()) {
        body.delete(input.name);
        for (const file of photos[input.name] || []) body.append(input.name, file, file.name);
      }
      return body;
    }

    // The page as the server sends it back: with what is wrong beside the field, and the photos still chosen.
    async function shown(page) {
      const was = name();
      const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("main");
      document.querySelector("main").replaceWith(fresh);
      const again = document.querySelector("form[data-draft]");
      if (!again) return;
      if (again.elements.namedItem("key").value !== key.value) await drop(was);
      const tended = tend(again, photos);
      tended.save();
      await tended.savePhotos();
      (document.getElementById("form-errors") || again).scrollIntoView();
    }

    async function send() {
      const kept = save();
      button.disabled = true;
      say("正在提交……");
      try {
        const headers = { "X-Draft": "1" };
        const answer = await fetch(form.action, { method: "POST", body: written(), headers, credentials: "same-origin" });
        if (answer.status === 204) {
          await drop(name());
          location.assign(answer.headers.get("Location"));
        } else if (answer.redirected) say(ENDED, way("去登录", answer.url));
        else if (answer.status === 403) say(OLD, renewed());
        else if (answer.ok) await shown(await answer.text());
        else say(BUSY);
      } catch (error) {
        say(kept ? OFFLINE : FULL, another());
      }
      button.disabled = false;
    }

    for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => {
      if (event.target.type !== "file") save();
    });
    for (const input of files()) input.addEventListener("change", () => {
      // A camera hands over one picture at a time: each is added to those before.
      photos[input.name] = (photos[input.name] || []).concat(Array.from(input.files));
      input.value = "";
      save();
      savePhotos();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!button.disabled) send();
    });
    showPhotos();
    banners();
    return { resume, save, savePhotos };
  }

  function begin() {
    for (const place of document.querySelectorAll("[data-drafts]")) list(place);
    const form = document.querySelector("form[data-draft]");
    if (!form || !window.fetch || !window.indexedDB) return;
    const tended = tend(form, {});
    const asked = drafts(form.dataset.user).find((draft) => "#" + draft.name === decodeURIComponent(location.hash));
    if (asked) tended.resume(asked);
    if (location.hash.startsWith("#draft:")) history.replaceState(null, "", location.pathname + location.search);
  }

  begin();
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const place of document.querySelectorAll("[data-drafts]")) list(place);
  });
})();
