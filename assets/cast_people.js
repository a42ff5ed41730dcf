/* The people of a cast, narrowed to those whose name holds every word that is typed. */
(function () {
    "use strict";

    function narrow(typed) {
        const list = document.querySelector(".cast-people");
        const words = window.dramatis.plain(typed).split(/\s+/).filter(Boolean);
        let found = 0;
        for (const person of list.children) {
            const name = window.dramatis.plain(person.querySelector("strong").textContent);
            person.hidden = !words.every((word) => name.includes(word));
            found += person.hidden ? 0 : 1;
        }
        document.getElementById("casts-found").textContent = words.length ? `${found} of ${list.children.length}` : "";
        const nobody = document.getElementById("casts-found-nobody");
        nobody.hidden = found > 0;
        nobody.firstElementChild.textContent = `Nobody here is called “${typed.trim()}”. `;
    }

    document.addEventListener("input", (event) => {
        if (event.target.id === "casts-find") {
            narrow(event.target.value);
        }
    });

    document.addEventListener("click", (event) => {
        if (event.target.id === "casts-find-clear") {
            window.dash_clientside.set_props("casts-find", { value: "" });
            narrow("");
            document.getElementById("casts-find").focus();
        }
    });
})();
