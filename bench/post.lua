-- Small submissions as JSON, each of them a new build.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.body = '{"seconds": 0}'

local threads = {}
function setup(thread)
    table.insert(threads, thread)
end

function init()
    accepted = 0
    others = 0
end

function response(status)
    if status == 202 then accepted = accepted + 1 else others = others + 1 end
end

function done(summary)
    local accepted, others = 0, 0
    for _, thread in ipairs(threads) do
        accepted = accepted + thread:get("accepted")
        others = others + thread:get("others")
    end
    io.write(string.format("accepted %d other %d seconds %.6f\n", accepted, others, summary.duration / 1e6))
end
