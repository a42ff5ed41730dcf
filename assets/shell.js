/* The shell's own behaviour: notices, the door of the job tray, the theme switch, the menu of small screens, and what
   is said when the server does not answer. */
(function () {
    "use strict";
    const dramatis = (window.dramatis = window.dramatis || {});
    const clientside = (window.dash_clientside = window.dash_clientside || {});

    // A name as it is searched for: letters regardless of case and of accents, underscores as spaces.
    dramatis.plain = function (text) {
        return text.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("_", " ").toLocaleLowerCase();
    };

    // ---- Notices ----------------------------------------------------------------------------------------------------

    const SHOWN_MS = 9000;
    const MOST_NOTICES = 5;

    function button(className, label) {
        const made = document.createElement("button");
        made.type = "button";
        made.className = className;
        made.textContent = label;
        return made;
    }

    // {text, kind: "danger"|"success"|"info", action: [label, store id]|null, link: [label, address]|null}
    dramatis.notify = function (notice) {
        const area = document.getElementById("shell-notices");
        // What stands there already is not said twice: a question asked each second may fail each second.
        if (!area || Array.from(area.children).some((one) => one.dataset.text === notice.text)) {
            return;
        }
        const shown = document.createElement("div");
        shown.dataset.text = notice.text;
        shown.className = "notice notice-" + (notice.kind || "danger");
        shown.setAttribute("role", notice.kind === "danger" ? "alert" : "status");
        const text = document.createElement("p");
        text.textContent = notice.text;
        shown.append(text);
        if (notice.action) {
            const act = button("notice-act", notice.action[0]);
            act.addEventListener("click", () => {
                clientside.set_props(notice.action[1], { data: Date.now() });
                shown.remove();
            });
            shown.append(act);
        }
        if (notice.link) {
            const link = document.createElement("a");
            link.className = "notice-act";
            link.href = notice.link[1];
            link.textContent = notice.link[0];
            link.dataset.here = "";
            link.addEventListener("click", () => shown.remove());
            shown.append(link);
        }
        const close = button("notice-close", "×");
        close.setAttribute("aria-label", "Close this notice");
        close.addEventListener("click", () => shown.remove());
        shown.append(close);
        area.append(shown);
        while (area.children.length > MOST_NOTICES) {
            area.firstElementChild.remove();
        }
        // An error stays until it was read; anything else goes by itself, unless it is being read.
        if (notice.kind !== "danger") {
            let timer = 0;
            const leave = () => (timer = window.setTimeout(() => shown.remove(), SHOWN_MS));
            const stay = () => window.clearTimeout(timer);
            shown.addEventListener("pointerenter", stay);
            shown.addEventListener("pointerleave", leave);
            shown.addEventListener("focusin", stay);
            shown.addEventListener("focusout", leave);
            leave();
        }
    };

    // ---- Theme ------------------------------------------------------------------------------------------------------

    function showTheme() {
        const choice = dramatis.theme.choice();
        document.querySelectorAll("[data-theme-choice]").forEach((one) => {
            one.setAttribute("aria-pressed", String(one.dataset.themeChoice === choice));
        });
    }

    dramatis.theme.onChange((resolved) => {
        showTheme();
        if (document.getElementById("shell-theme-switch")) {
            clientside.set_props("shell-theme", { data: resolved });
        }
    });

    // ---- Clientside callbacks ---------------------------------------------------------------------------------------

    function closeMenu() {
        const menu = document.getElementById("shell-menu-button");
        if (menu) {
            menu.setAttribute("aria-expanded", "false");
            menu.closest(".top").dataset.menu = "closed";
        }
    }

    // The page of a path in the navigation: a film, its report and its people belong to the films.
    function sectionOf(path) {
        return ["/film", "/report", "/person"].includes(path) ? "/" : path;
    }

    let firstPath = true;

    clientside.shell = {
        notify(notices) {
            (notices || []).forEach(dramatis.notify);
        },
        // The button opens it, and a link in it closes it by leading elsewhere.
        openTray() {
            return clientside.callback_context.triggered_id === "shell-tray-button";
        },
        theme() {
            showTheme();
            return dramatis.theme.resolved();
        },
        moved(path) {
            document.querySelectorAll("#shell-nav a").forEach((link) => {
                if (link.getAttribute("href") === sectionOf(path)) {
                    link.setAttribute("aria-current", path === sectionOf(path) ? "page" : "true");
                } else {
                    link.removeAttribute("aria-current");
                }
            });
            closeMenu();
            // Readers by ear and by keyboard start at the new page, not at the link that led here.
            if (!firstPath) {
                const page = document.getElementById("content");
                if (page) {
                    page.focus({ preventScroll: true });
                }
            }
            firstPath = false;
        },
        gauge(jobs) {
            const active = (jobs || []).filter((job) => job.state === "running" || job.state === "queued");
            const running = active.find((job) => job.state === "running");
            const failed = (jobs || []).some((job) => job.state === "failed");
            const tray = document.getElementById("shell-tray-button");
            if (!tray) {
                return "Jobs";
            }
            tray.dataset.state = active.length ? "running" : failed ? "failed" : "idle";
            tray.style.setProperty("--percent", String(running ? running.percent : 0));
            if (!active.length) {
                return failed ? "A job failed" : "Jobs";
            }
            const counted = active.length === 1 ? "1 job" : active.length + " jobs";
            return running ? counted + " · " + running.percent + " %" : counted + " waiting";
        },
    };

    // ---- Clicks -----------------------------------------------------------------------------------------------------

    document.addEventListener("click", (event) => {
        const theme = event.target.closest("[data-theme-choice]");
        if (theme) {
            dramatis.theme.choose(theme.dataset.themeChoice);
        }
        const menu = event.target.closest("#shell-menu-button");
        if (menu) {
            const open = menu.getAttribute("aria-expanded") !== "true";
            menu.setAttribute("aria-expanded", String(open));
            menu.closest(".top").dataset.menu = open ? "open" : "closed";
        }
    });

    // Links that scripts made, marked data-here, lead to another page without a reload, as those of Dash do.
    document.addEventListener("click", (event) => {
        const link = event.target instanceof Element && event.target.closest("a[data-here]");
        if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) {
            return; // Or into a tab of its own.
        }
        event.preventDefault();
        clientside.set_props("shell-location", { href: link.getAttribute("href") });
    });

    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
            closeMenu();
        }
    });

    // A job may have been started in another tab.
    function wake() {
        if (document.visibilityState === "visible" && document.getElementById("shell-theme-switch")) {
            clientside.set_props("shell-wake", { data: Date.now() });
        }
    }
    document.addEventListener("visibilitychange", wake);

    // ---- The line to the server -------------------------------------------------------------------------------------

    const GONE = "Dramatis does not answer; see in its terminal whether it still runs.";
    const SHUT_OUT = "This window is no longer let in; open the address that Dramatis printed in its terminal.";
    const ASK_AGAIN_MS = 2000;
    const plainFetch = window.fetch.bind(window);
    let leaving = false;
    let asking = false;

    function cutOff(sentence) {
        let strip = document.getElementById("shell-cut-off");
        if (!strip) {
            strip = document.createElement("div");
            strip.id = "shell-cut-off";
            strip.className = "cut-off";
            strip.setAttribute("role", "alert");
            document.body.append(strip);
        }
        strip.textContent = sentence;
        strip.hidden = !sentence;
    }

    // Asks the one path that needs no session until it answers, then the jobs, which may have moved on.
    function askUntilBack() {
        if (asking) {
            return;
        }
        asking = true;
        const ask = () =>
            plainFetch("/health", { cache: "no-store" }).then(
                () => {
                    asking = false;
                    cutOff("");
                    wake();
                },
                () => window.setTimeout(ask, ASK_AGAIN_MS),
            );
        window.setTimeout(ask, ASK_AGAIN_MS);
    }

    window.addEventListener("pagehide", () => (leaving = true));
    window.addEventListener("pageshow", () => (leaving = false));
    window.fetch = function (resource, options) {
        return plainFetch(resource, options).then(
            (answer) => {
                if (answer.status === 401) {
                    cutOff(SHUT_OUT);
                }
                return answer;
            },
            (error) => {
                if (!leaving && error.name !== "AbortError") {
                    cutOff(GONE);
                    askUntilBack();
                }
                throw error;
            },
        );
    };
})();
