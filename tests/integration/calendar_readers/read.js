// Reads a JSON list of iCalendar texts from standard input, and prints what a calendar program would show of each.
import ICAL from "ical.js";
import { readFileSync } from "node:fs";

function shown(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const component = calendar.getFirstSubcomponent("vevent");
  const event = new ICAL.Event(component);
  const attendee = component.getFirstProperty("attendee");
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    status: component.getFirstPropertyValue("status"),
    start: event.startDate.isDate ? event.startDate.toString() : event.startDate.toJSDate().toISOString(),
    end: event.endDate.isDate ? event.endDate.toString() : event.endDate.toJSDate().toISOString(),
    attendee: attendee.getFirstValue(),
    name: attendee.getParameter("cn"),
    properties: component.getAllProperties().map((property) => property.name).sort(),
  };
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(shown)));
