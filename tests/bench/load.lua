-- One kind of request, each with an id of its own; the figures as one line of JSON at the end.
local hex = "%08x-%04x-4%03x-a%03x-%04x%08x"
local function fresh_id()
  local r = math.random
  return string.format(hex, r(0, 0xffffffff), r(0, 0xffff), r(0, 0xfff), r(0, 0xfff), r(0, 0xffff), r(0, 0xffffffff))
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function init(args)
  math.randomseed(os.time() + tonumber(args[1]))
  template, expects, unexpected = args[2], tonumber(args[3]), 0
  wrk.method = args[4]
  for at = 5, #args, 2 do wrk.headers[args[at]] = args[at + 1] end
end

function request()
  local id = fresh_id()
  wrk.headers["Idempotency-Key"] = id
  return wrk.format(nil, nil, nil, (string.gsub(template, "{id}", id)))
end

function response(status) if status ~= expects then unexpected = unexpected + 1 end end

function done(summary, latency)
  local strange, e, percentiles = 0, summary.errors, {}
  for _, thread in ipairs(threads) do strange = strange + thread:get("unexpected") end
  for at = 1, 99 do percentiles[at] = string.format("%.0f", latency:percentile(at)) end
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"unexpected":%d,"broken":%d,"percentiles":[%s]}\n',
    summary.requests, summary.duration, strange, e.connect + e.read + e.write + e.timeout,
    table.concat(percentiles, ",")))
end
