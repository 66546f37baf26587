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

// --- The build's page: follows the events; the finished page comes from the server. ---

function followBuild(build) {
    const show = (name) => build.querySelector(`[data-show="${name}"]`);
    const log = show("log");
    const lost = build.querySelector(".connection");
    const labels = {
        queued: "Waiting", triggering: "Starting", running: "Building", collecting: "Collecting", verifying: "Trying it out",
    };
    const steps = { queued: 0, triggering: 1, running: 1, collecting: 2, verifying: 3 };
    let position = build.dataset.lastEvent;
    let pause = 1000;
    let isAsking = false;
    connect();

    function connect() {
        const address = new URL(build.dataset.events, location.href);
        if (position) address.searchParams.set("after", position);
        const events = new EventSource(address);
        events.addEventListener("open", () => {
            lost.hidden = true;
            pause = 1000;
        });
        events.addEventListener("state", (event) => {
            position = event.lastEventId || position;
            showState(JSON.parse(event.data));
            if (!isAsking) showTimeline();
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
        chip.className = `chip ${state.state}`;
        chip.textContent = labels[state.state];
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
    async function showTimeline() {
        isAsking = true;
        await new Promise((resume) => setTimeout(resume, 1000));
        isAsking = false;
        try {
            const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
            if (!answer.ok) return;
            const there = new DOMParser().parseFromString(await answer.text(), "text/html");
            const timeline = there.querySelector("[data-show=timeline]");
            if (timeline) show("timeline").replaceChildren(...timeline.children);
        } catch {
            // The connection is lost: the next event brings the next chance.
        }
    }

    function append(text) {
        show("log-empty")?.remove();
        const follows = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
        log.append(text);
        // The page keeps the end; the whole log is a link away.
        if (log.textContent.length > 400000) log.textContent = log.textContent.slice(-300000);
        else if (log.childNodes.length > 200) log.normalize();
        if (follows) scrollToEnd(log);
    }
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
