// What the pages do beyond their HTML; everything works without it.

const page = document.body.dataset.page;
if (page === "form") followForm(document.querySelector("form.order"));
if (page === "build") {
    const build = document.querySelector(".build");
    scrollToEnd(build.querySelector("[data-show=log]"));
    if (build.hasAttribute("data-live")) followBuild(build);
}

// --- The form: sends with a progress bar and keeps the chosen files when something is wrong. ---

function followForm(form) {
    const button = form.querySelector("button[type=submit]");
    const upload = form.querySelector(".upload");
    const bar = upload.querySelector("progress");
    const words = upload.querySelector("output");
    const faults = document.getElementById("faults");
    if (!faults.hidden) faults.focus();

    for (const input of form.querySelectorAll("input[type=file]")) {
        input.addEventListener("change", () => {
            const limit = Number(input.dataset.maxBytes);
            const file = input.files[0];
            showFaults(input.name, file && limit && file.size > limit
                ? [`This file is ${size(file.size)} large; up to ${size(limit)} is possible.`] : []);
        });
    }

    for (const chooser of form.querySelectorAll(".color input[type=color]")) {
        followColor(chooser.previousElementSibling, chooser);
    }

    form.addEventListener("submit", (event) => {
        event.preventDefault();
        button.disabled = true;
        upload.hidden = false;
        bar.removeAttribute("value");
        words.textContent = "Sending …";
        const request = new XMLHttpRequest();
        request.open("POST", form.action);
        request.setRequestHeader("Accept", "application/json");
        request.upload.addEventListener("progress", (sent) => {
            if (!sent.lengthComputable) return;
            bar.value = 100 * sent.loaded / sent.total;
            words.textContent = sent.loaded < sent.total
                ? `${size(sent.loaded)} of ${size(sent.total)}` : "Checking what you sent …";
        });
        request.addEventListener("load", () => {
            const answer = parse(request.responseText);
            if (request.status === 202 && answer) {
                location.assign(answer.links?.page ?? request.getResponseHeader("Location"));
                return;
            }
            done();
            showProblem(answer, request);
        });
        request.addEventListener("error", () => {
            done();
            showSummary("It could not be sent", [{ message: "The connection broke. Nothing is lost: press Build again." }]);
        });
        request.send(new FormData(form));
    });

    window.addEventListener("pageshow", done);

    function done() {
        button.disabled = false;
        upload.hidden = true;
    }

    function showProblem(problem, request) {
        const errors = problem?.errors ?? [];
        for (const field of form.querySelectorAll("[data-field]")) {
            const name = field.dataset.field;
            showFaults(name, errors.filter((error) => error.field === name).map((error) => error.message));
        }
        if (errors.length > 0) {
            showSummary(errors.length === 1 ? "One thing needs mending" : `${errors.length} things need mending`, errors);
        } else {
            const wait = Number(request.getResponseHeader("Retry-After"));
            const mend = wait ? ` Try again in ${wait < 90 ? `${wait} seconds` : `${Math.ceil(wait / 60)} minutes`}.` : "";
            showSummary(problem?.title ?? "It was not accepted", [{ message: (problem?.detail ?? "The server did not say why.") + mend }]);
        }
    }

    function showFaults(name, messages) {
        const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
        if (!field) return;
        const list = field.querySelector(".field-faults");
        const control = field.querySelector(`#${CSS.escape(`field-${name}`)}`);
        list.replaceChildren(...messages.map((message) => element("li", message)));
        list.hidden = messages.length === 0;
        field.classList.toggle("invalid", messages.length > 0);
        if (!control) return;
        const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== list.id);
        if (messages.length > 0) described.push(list.id);
        if (described.length > 0) control.setAttribute("aria-describedby", described.join(" "));
        else control.removeAttribute("aria-describedby");
        if (control.matches("input, select, textarea")) {
            if (messages.length > 0) control.setAttribute("aria-invalid", "true");
            else control.removeAttribute("aria-invalid");
        }
    }

    function showSummary(title, errors) {
        faults.querySelector("h2").textContent = title;
        faults.querySelector("ul").replaceChildren(...errors.map((error) => {
            const item = document.createElement("li");
            const control = error.field && document.getElementById(`field-${error.field}`);
            if (control) {
                const label = control.closest("[data-field]").querySelector("label, .label");
                const link = element("a", label ? label.firstChild.textContent.trim() : error.field);
                link.href = `#${control.id}`;
                item.append(link, ": ");
            } else if (error.field) {
                item.append(`${error.field}: `);
            }
            item.append(error.message);
            return item;
        }));
        faults.hidden = false;
        faults.focus();
        faults.scrollIntoView({ block: "start" });
    }
}

// The text is what is sent; the chooser, which has no name and cannot be empty, only shows it and changes it.
function followColor(text, chooser) {
    const show = () => {
        if (/^#[0-9a-f]{6}$/i.test(text.value.trim())) chooser.value = text.value.trim().toLowerCase();
    };
    text.addEventListener("input", show);
    chooser.addEventListener("input", () => { text.value = chooser.value; });
    window.addEventListener("pageshow", show);
    chooser.hidden = chooser.disabled = false;
    show();
}

// --- The build's page: follows the events; the finished page comes from the server. ---

function followBuild(build) {
    const show = (name) => build.querySelector(`[data-show="${name}"]`);
    const log = show("log");
    const lost = build.querySelector(".connection");
    const isGroup = build.hasAttribute("data-group");
    const labels = {
        queued: "Waiting", triggering: "Starting", running: "Building", collecting: "Collecting", verifying: "Trying it out",
    };
    const steps = { queued: 0, triggering: 1, running: 1, collecting: 2, verifying: 3 };
    let position = build.dataset.lastEvent;
    let pause = 1000;
    let isAsking = false;
    let held = log ? log.textContent.length : 0;
    connect();

    function connect() {
        const address = new URL(build.dataset.events, location.href);
        address.searchParams.set("ansi", "1");
        if (position) address.searchParams.set("after", position);
        const events = new EventSource(address);
        events.addEventListener("open", () => {
            lost.hidden = true;
            pause = 1000;
        });
        events.addEventListener("state", (event) => {
            position = event.lastEventId || position;
            const state = JSON.parse(event.data);
            if (build.hasAttribute("data-unconfirmed")) {
                // Confirmed or given up: the page is another one then. A mail's news is told by the server's words.
                if (!state.confirm_by) location.reload();
                return;
            }
            // How several stand together is told in the server's words alone.
            if (!isGroup) showState(state);
            if (!isAsking) showWords();
        });
        events.addEventListener("log", (event) => {
            position = event.lastEventId || position;
            append(JSON.parse(event.data).text);
        });
        events.addEventListener("end", () => {
            events.close();
            location.reload();
        });
        events.addEventListener("error", () => {
            // A connection that just broke is taken up again here, from where the page stands.
            events.close();
            lost.hidden = false;
            setTimeout(connect, pause);
            pause = Math.min(pause * 2, 15000);
        });
    }

    function showState(state) {
        if (!(state.state in labels)) return;
        build.dataset.state = state.state;
        const chip = show("label");
        const waits = state.state === "running" && /^Waiting at /.test(state.phase?.label ?? "");
        chip.className = `chip ${state.state}`;
        chip.textContent = waits ? state.phase.label : labels[state.state];
        const bar = show("percent");
        if (state.phase?.percent != null) bar.value = state.phase.percent;
        else bar.removeAttribute("value");
        const explanation = state.phase?.label ?? state.explanation;
        if (explanation) show("explanation").textContent = explanation;
        const waiting = [];
        if (state.queue?.position) {
            waiting.push(state.queue.position === 1 ? "Next in the queue." : `Number ${state.queue.position} in the queue.`);
        }
        if (state.queue?.eta_seconds != null) waiting.push(`Expected to be ready in ${about(state.queue.eta_seconds)}.`);
        show("waiting").textContent = waiting.join(" ");
        const now = steps[state.state];
        build.querySelectorAll(".steps li").forEach((step, index) => {
            step.className = index < now ? "done" : index === now ? "current" : "";
            if (index === now) step.setAttribute("aria-current", "step");
            else step.removeAttribute("aria-current");
        });
    }

    // What happened is told in the server's words: its part of the page is taken over from there, at most once a second.
    async function showWords() {
        isAsking = true;
        await new Promise((resume) => setTimeout(resume, 1000));
        isAsking = false;
        try {
            const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
            if (!answer.ok) return;
            const there = new DOMParser().parseFromString(await answer.text(), "text/html");
            const parts = ["[data-show=timeline]", "[data-show=run]"];
            if (isGroup) {
                const names = ["label", "explanation", "percent", "waiting"];
                parts.push(...names.map((name) => `[data-show=${name}]`));
                parts.push(...[...build.querySelectorAll("[data-target]")].map((one) => `[data-target="${one.dataset.target}"]`));
            }
            for (const part of parts) takeOver(build.querySelector(part), there.querySelector(part));
        } catch {
            // The connection is lost: the next event brings the next chance.
        }
    }

    // What is as it was stays, so that a reader's place and the keyboard's do.
    function takeOver(here, there) {
        if (!here || !there || here.outerHTML === there.outerHTML) return;
        here.className = there.className;
        if (here.matches("progress")) {
            if (there.hasAttribute("value")) here.value = there.value;
            else here.removeAttribute("value");
        } else {
            here.replaceChildren(...there.childNodes);
        }
    }

    function append(text) {
        show("log-empty")?.remove();
        const follows = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
        log.append(styled(text));
        held += text.length;
        // The page keeps the end; the whole log is a link away.
        if (held > 400000 || log.childNodes.length > 8000) shorten();
        if (follows) scrollToEnd(log);
    }

    function shorten() {
        log.normalize();
        held = log.textContent.length;
        while (log.firstChild && (held > 300000 || log.childNodes.length > 6000)) {
            const first = log.firstChild;
            const over = held - 300000;
            if (first.nodeType === Node.TEXT_NODE && over > 0 && over < first.data.length) {
                first.data = first.data.slice(over);
                held -= over;
            } else {
                held -= first.textContent.length;
                first.remove();
            }
        }
    }
}

// --- A log's colours: names of looks, by the same rules as the server's. Nothing of a log ever becomes markup. ---

export function styled(text) {
    const made = document.createDocumentFragment();
    for (const run of runs(text)) {
        if (!run.looks) {
            made.append(run.text);
            continue;
        }
        const span = element("span", run.text);
        span.className = run.looks;
        made.append(span);
    }
    return made;
}

export function runs(text) {
    const made = [];
    const plain = { b: false, d: false, i: false, u: false, s: false, reversed: false, front: null, behind: null };
    let style = { ...plain };
    const add = (text) => {
        if (!text) return;
        const names = looks(style);
        const last = made[made.length - 1];
        if (last && last.looks === names) last.text += text;
        else made.push({ text, looks: names });
    };
    // Odd parts are the codes of what stands after them.
    text.split(/\x1b\[([0-9;]*)m/).forEach((part, index) => {
        if (index % 2 === 1) {
            apply(part, style, plain);
            return;
        }
        part.replaceAll("\x1b", "").split("\n").forEach((line, number) => {
            if (number > 0) {
                style = { ...plain };
                add("\n");
            }
            add(line);
        });
    });
    return made;
}

function looks(style) {
    const names = ["b", "d", "i", "u", "s"].filter((name) => style[name]);
    const behind = style.reversed ? style.front ?? 7 : style.behind;
    if (behind != null) names.push(`g${behind}`);
    else if (style.front != null) names.push(`f${style.front}`);
    return names.length > 0 ? names.join(" ") : null;
}

function apply(parameters, style, plain) {
    const codes = parameters.split(";").map((digits) => digits.length > 9 ? -1 : Number(digits));
    while (codes.length > 0) {
        const code = codes.shift();
        if (code === 0) Object.assign(style, plain);
        else if (code === 1) style.b = true;
        else if (code === 2) style.d = true;
        else if (code === 3) style.i = true;
        else if (code === 4) style.u = true;
        else if (code === 7) style.reversed = true;
        else if (code === 9) style.s = true;
        else if (code === 22) style.b = style.d = false;
        else if (code === 23) style.i = false;
        else if (code === 24) style.u = false;
        else if (code === 27) style.reversed = false;
        else if (code === 29) style.s = false;
        else if (code >= 30 && code <= 37) style.front = code - 30;
        else if (code >= 90 && code <= 97) style.front = code - 90 + 8;
        else if (code >= 40 && code <= 47) style.behind = code - 40;
        else if (code >= 100 && code <= 107) style.behind = code - 100 + 8;
        else if (code === 38) style.front = extended(codes) ?? style.front;
        else if (code === 48) style.behind = extended(codes) ?? style.behind;
        else if (code === 39) style.front = null;
        else if (code === 49) style.behind = null;
    }
}

// What follows 38 or 48, as the nearest of the sixteen.
function extended(codes) {
    const count = codes[0] === 5 ? 1 : codes[0] === 2 ? 3 : 0;
    const values = codes.slice(1, 1 + count).filter((value) => value >= 0 && value <= 255);
    if (count === 0 || values.length !== count) {
        codes.length = 0;
        return null;
    }
    codes.splice(0, 1 + count);
    if (count === 3) return nearest(...values);
    if (values[0] < 16) return values[0];
    if (values[0] < 232) {
        const steps = [0, 95, 135, 175, 215, 255];
        const cell = values[0] - 16;
        return nearest(steps[Math.floor(cell / 36)], steps[Math.floor(cell / 6) % 6], steps[cell % 6]);
    }
    const grey = 8 + 10 * (values[0] - 232);
    return nearest(grey, grey, grey);
}

function nearest(red, green, blue) {
    const most = Math.max(red, green, blue);
    const least = Math.min(red, green, blue);
    if (most - least < 48) return most < 64 ? 0 : most < 140 ? 8 : most < 200 ? 7 : 15;
    const middle = Math.floor((most + least) / 2);
    return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0) + (most > 192 ? 8 : 0);
}

// --- Small things ---

function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
}

function scrollToEnd(box) {
    if (box) box.scrollTop = box.scrollHeight;
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

function size(bytes) {
    let amount = bytes;
    let unit = "bytes";
    for (const next of ["KiB", "MiB", "GiB"]) {
        if (amount < 1024) break;
        amount /= 1024;
        unit = next;
    }
    return `${Math.round(amount * 10) / 10} ${unit}`;
}

function about(seconds) {
    if (seconds < 3) return "a moment";
    if (seconds < 60) return `about ${Math.ceil(seconds / 5) * 5} seconds`;
    if (seconds < 90) return "about a minute";
    return `about ${Math.round(seconds / 60)} minutes`;
}
