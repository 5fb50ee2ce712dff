// What a proxy script (PAC) may call. Behaviour: Netscape's "Navigator Proxy Auto-Config File
// Format" (1996), and where it leaves room, what Chromium and Firefox do. `outside` answers what
// only the computer can: names, own addresses, networks.
//
// Everything hangs on the global object, which is where scripts look for it.
(function (global) {
  "use strict";
  // taken away from where scripts look, and kept from scripts that put their own in its place
  var outside = {};
  ["addresses", "own_addresses", "is_in_network", "sorted_addresses"].forEach(function (name) {
    outside[name] = global[name];
    delete global[name];
  });
  var toText = String, toJson = JSON.stringify;
  var WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
  var MONTHS = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
  ];
  var SHELL_SIGNS = { ".": "\\.", "*": ".*", "?": "." };
  var HOURS = 1, MINUTES = 2, SECONDS = 3; // how many numbers name a moment

  // Names are looked up once a run: scripts ask for the same one in every second line.
  var known = {};

  function addresses(host) {
    var key = " " + host;
    if (!(key in known)) known[key] = outside.addresses(toText(host));
    return known[key];
  }

  function isAddress(text) {
    var parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    return parts !== null && parts.slice(1).every(function (part) { return part <= 255; });
  }

  // Not part of the format, but scripts find these in browsers.
  global.isValidIpAddress = isAddress;
  global.wdays = numbered(WEEKDAYS);
  global.months = numbered(MONTHS);

  function numbered(names) {
    var numbers = {};
    names.forEach(function (name, number) { numbers[name] = number; });
    return numbers;
  }

  global.isPlainHostName = function (host) {
    if (typeof host !== "string") throw new TypeError("isPlainHostName: no text");
    return host.indexOf(".") < 0 && !outside.is_in_network(host, "::/0");
  };

  global.dnsDomainIs = function (host, domain) {
    return host.length >= domain.length && host.substring(host.length - domain.length) == domain;
  };

  global.localHostOrDomainIs = function (host, full) {
    return host == full || full.indexOf(host + ".") === 0;
  };

  global.dnsDomainLevels = function (host) {
    return host.split(".").length - 1;
  };

  global.dnsResolve = function (host) {
    if (typeof host !== "string") return null;
    var found = addresses(host).split(";").filter(isAddress);
    return found.length ? found[0] : null;
  };

  global.isResolvable = function (host) {
    return global.dnsResolve(host) !== null;
  };

  global.convert_addr = function (address) {
    var bytes = address.split(".");
    return ((bytes[0] & 255) << 24) | ((bytes[1] & 255) << 16) | ((bytes[2] & 255) << 8)
      | (bytes[3] & 255);
  };

  global.isInNet = function (host, network, mask) {
    if (!isAddress(network) || !isAddress(mask)) return false;
    var address = isAddress(host) ? host : global.dnsResolve(host);
    if (address === null) return false;
    var bits = global.convert_addr(mask);
    return (global.convert_addr(address) & bits) === (global.convert_addr(network) & bits);
  };

  global.myIpAddress = function () {
    return outside.own_addresses().split(";").filter(isAddress)[0] || "127.0.0.1";
  };

  // A pattern's other signs keep what they mean in regular expressions, as in browsers.
  global.shExpMatch = function (text, pattern) {
    var shell = pattern.replace(/[.*?]/g, function (sign) { return SHELL_SIGNS[sign]; });
    return new RegExp("^" + shell + "$").test(text);
  };

  global.alert = function () {};

  // The arguments without a "GMT" at their end, and the fields of now by that clock.
  function readClock(given) {
    var values = Array.prototype.slice.call(given);
    var byWorld = values[values.length - 1] === "GMT";
    if (byWorld) values.pop();
    var now = new Date();
    function field(name) { return now["get" + (byWorld ? "UTC" : "") + name](); }
    return { values: values, field: field };
  }

  // From one to the other, the ends among them; round the end of the circle if need be.
  function between(from, now, to) {
    return from <= to ? from <= now && now <= to : now >= from || now <= to;
  }

  global.weekdayRange = function () {
    var clock = readClock(arguments);
    if (!arguments.length) return false;
    var first = WEEKDAYS.indexOf(arguments[0]);
    var last = clock.values.length === 2 ? WEEKDAYS.indexOf(arguments[1]) : first;
    return first >= 0 && last >= 0 && between(first, clock.field("Day"), last);
  };

  // One part of a date: a day, a year, or the name of a month.
  function setPart(date, value) {
    var number = parseInt(value, 10);
    if (number < 32) date.setDate(number);
    else if (number > 31) date.setFullYear(number);
    else date.setMonth(MONTHS.indexOf(value));
    return number < 32;
  }

  // Browsers count what a range leaves out from the first and to the last day of this year.
  global.dateRange = function () {
    var clock = readClock(arguments), values = clock.values, year = clock.field("FullYear");
    if (!arguments.length) return false;
    if (values.length === 1) {
      var number = parseInt(values[0], 10);
      if (isNaN(number)) return clock.field("Month") === MONTHS.indexOf(values[0]);
      return clock.field(number < 32 ? "Date" : "FullYear") === number;
    }
    var first = new Date(year, 0, 1, 0, 0, 0), last = new Date(year, 11, 31, 23, 59, 59);
    var half = values.length >> 1, thisMonth = false;
    values.forEach(function (value, place) {
      var isDay = setPart(place < half ? first : last, value);
      thisMonth = thisMonth || (isDay && place < half && values.length <= 2);
    });
    if (thisMonth) {
      first.setMonth(clock.field("Month"));
      last.setMonth(clock.field("Month"));
    }
    var now = new Date(year, clock.field("Month"), clock.field("Date"), clock.field("Hours"),
      clock.field("Minutes"), clock.field("Seconds"));
    return between(first.getTime(), now.getTime(), last.getTime());
  };

  function moment(numbers, filling) {
    var full = numbers.concat(filling).slice(0, SECONDS);
    return (Number(full[0]) * 60 + Number(full[1])) * 60 + Number(full[2]);
  }

  global.timeRange = function () {
    var clock = readClock(arguments);
    var values = clock.values;
    if (!arguments.length) return false;
    var hour = clock.field("Hours");
    if (values.length === 1) return hour === Number(values[0]);
    if (values.length === 2 * HOURS) {
      return Number(values[0]) <= hour && hour <= Number(values[1]);
    }
    if (values.length !== 2 * MINUTES && values.length !== 2 * SECONDS) {
      throw new Error("timeRange: " + values.length + " numbers");
    }
    var half = values.length / 2;
    var now = moment([hour, clock.field("Minutes"), clock.field("Seconds")], []);
    return between(moment(values.slice(0, half), [0]), now, moment(values.slice(half), [59]));
  };

  // Microsoft's extensions for IPv6.
  global.dnsResolveEx = function (host) { return addresses(host); };
  global.isResolvableEx = function (host) { return addresses(host) !== ""; };
  global.myIpAddressEx = function () { return outside.own_addresses(); };
  global.isInNetEx = function (address, prefix) {
    if (typeof address !== "string" || typeof prefix !== "string") return null;
    return prefix.indexOf("/") >= 0 && outside.is_in_network(address, prefix);
  };
  global.sortIpAddressList = function (list) {
    return typeof list === "string" ? outside.sorted_addresses(list) || false : null;
  };

  // What V8 has beside the language: a console that says nothing here, as in its proxy scripts,
  // and the last match as properties of RegExp, which old scripts read.
  var silent = function () {};
  global.console = {};
  ["debug", "dir", "error", "info", "log", "table", "trace", "warn"].forEach(function (name) {
    global.console[name] = silent;
  });

  var match = [""], before = "", after = "", input = "";
  var search = RegExp.prototype.exec;
  Object.defineProperty(RegExp.prototype, "exec", {
    configurable: true,
    writable: true,
    value: function exec(text) {
      var found = search.call(this, text);
      if (found) {
        match = found;
        input = found.input;
        before = input.slice(0, found.index);
        after = input.slice(found.index + found[0].length);
      }
      return found;
    },
  });
  function legacy(names, read) {
    names.forEach(function (name) {
      Object.defineProperty(RegExp, name, { configurable: true, get: read, set: silent });
    });
  }
  legacy(["lastMatch", "$&"], function () { return match[0]; });
  legacy(["lastParen", "$+"], function () {
    return match.length > 1 ? match[match.length - 1] || "" : "";
  });
  legacy(["leftContext", "$`"], function () { return before; });
  legacy(["rightContext", "$'"], function () { return after; });
  legacy(["input", "$_"], function () { return input; });
  for (var number = 1; number <= 9; number += 1) {
    (function (group) {
      legacy(["$" + group], function () { return match[group] || ""; });
    })(number);
  }

  // What a script does with a URL, as JSON: other languages have no halves of characters.
  return function (name, url, host) {
    try {
      var entry = global[name];
      var said = entry(url, host);
      if (said === undefined || said === null) return "{}";
      return toJson(typeof said === "string" ? { said: said } : { other: toText(said) });
    } catch (thrown) {
      var stack = thrown instanceof Error ? toText(thrown.stack) : "";
      return toJson({ thrown: toText(thrown), stack: stack });
    }
  };
})
