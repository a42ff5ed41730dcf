/* Chooses light or dark before the first style is drawn. Loaded in <head>; everything else of the shell is in shell.js.
   The choice ("light", "dark", or none: as the system has it) lives in this browser alone. */
(function () {
    "use strict";
    const KEY = "dramatis-theme";
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const listeners = [];

    function choice() {
        try {
            const kept = window.localStorage.getItem(KEY);
            return kept === "light" || kept === "dark" ? kept : "system";
        } catch (error) {
            return "system"; // Storage is switched off: the system decides.
        }
    }

    function resolved() {
        const chosen = choice();
        return chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
    }

    function apply() {
        document.documentElement.setAttribute("data-bs-theme", resolved());
        listeners.forEach((listener) => listener(resolved(), choice()));
    }

    function choose(value) {
        try {
            if (value === "system") {
                window.localStorage.removeItem(KEY);
            } else {
                window.localStorage.setItem(KEY, value);
            }
        } catch (error) {
            document.documentElement.setAttribute("data-bs-theme", value === "system" ? resolved() : value);
        }
        apply();
    }

    dark.addEventListener("change", apply);
    window.addEventListener("storage", apply); // Chosen in another tab.
    window.dramatis = window.dramatis || {};
    window.dramatis.theme = { choice, resolved, choose, onChange: (listener) => listeners.push(listener) };
    apply();
})();
