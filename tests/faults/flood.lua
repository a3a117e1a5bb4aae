-- One kind of request, each with an id of its own, at a steady rate; what came of it as one line of JSON.
local hex = "%08x-%04x-4%03x-a%03x-%04x%08x"
local function fresh_id()
  local r = math.random
  return string.format(hex, r(0, 0xffffffff), r(0, 0xffff), r(0, 0xfff), r(0, 0xfff), r(0, 0xffff), r(0, 0xffffffff))
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function init(args)
  math.randomseed(os.time() + tonumber(args[1]))
  template, pause_ms = args[2], tonumber(args[3])
  taken, turned_away, untold, other = 0, 0, 0, 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function delay() return math.floor(pause_ms * (0.5 + math.random())) end

function request()
  local id = fresh_id()
  wrk.headers["Idempotency-Key"] = id
  return wrk.format(nil, nil, nil, (string.gsub(template, "{id}", id)))
end

function response(status, headers)
  if status >= 200 and status < 300 then taken = taken + 1
  elseif status == 503 then
    turned_away = turned_away + 1
    if not (headers["Retry-After"] or headers["retry-after"]) then untold = untold + 1 end
  else other = other + 1 end
end

function done(summary, latency)
  local sums, e = { taken = 0, turned_away = 0, untold = 0, other = 0 }, summary.errors
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end
  end
  io.write(string.format(
    '\n{"microseconds":%d,"taken":%d,"turned_away":%d,"untold":%d,"other":%d,"broken":%d}\n',
    summary.duration, sums.taken, sums.turned_away, sums.untold, sums.other,
    e.connect + e.read + e.write + e.timeout))
end
