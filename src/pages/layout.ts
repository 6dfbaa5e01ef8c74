/**
 * The page, for eta: `<%= %>` escapes, `<%~ %>` is for what we made ourselves. Everything that the script changes has
 * a `data-part`. Without JavaScript the page asks for itself every minute.
 */
export const LAYOUT = `<!doctype html>
<html lang="<%= it.lang %>" dir="<%= it.texts.dir %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="generator" content="Intermission">
<% if (it.csp) { %><meta http-equiv="Content-Security-Policy" content="<%= it.csp %>">
<% } %><% if (it.refreshSeconds) { %><noscript><meta http-equiv="refresh" content="<%= it.refreshSeconds %>"></noscript>
<% } %><title><%= it.title %></title>
<link rel="icon" href="data:,">
<style><%~ it.css %></style>
</head>
<body>
<main<% for (const [name, value] of it.data) { %> data-<%= name %>="<%= value %>"<% } %>>
<% if (it.name !== undefined) { %><div class="brand"><% if (it.logo) { %><img class="logo" src="<%= it.logo %>" alt="<%= it.name %>"><% } else { %><p class="name" data-part="name"><%= it.name %></p><% } %></div>
<% } %><% if (it.mark) { %><div class="mark" aria-hidden="true"><%~ it.mark %></div>
<% } %><h1 data-part="heading"><%= it.heading %></h1>
<p class="lead" data-part="lead"><%= it.lead %></p>
<% if (it.message) { %><p class="message" data-part="message"><%= it.message %></p>
<% } %><% if (it.clock) { %><div class="end" data-part="end"<%~ it.until ? '' : ' hidden' %>>
<p class="until"><span data-part="expected"><%= it.texts.expected %></span> <time data-part="time"<% if (it.until) { %> datetime="<%= it.until %>"<% } %>><%= it.time %></time></p>
<div class="clock" role="timer" data-part="clock" hidden><% for (const unit of ['days', 'hours', 'minutes', 'seconds']) { %><span data-part="<%= unit %>"><b>0</b> <i data-part="<%= unit %>-label"><%= it.texts[unit] %></i></span><% } %></div>
</div>
<p class="overrun" data-part="overrun"<%~ it.overrun ? '' : ' hidden' %>><%= it.texts.overrun %></p>
<% } %><% if (it.wait) { %><p class="wait" role="status" data-part="wait"><%= it.wait %></p>
<% } %><% if (it.back) { %><p><a class="go" data-part="go" href="<%= it.back %>"><%= it.texts.tryAgain %></a></p>
<% } %><% if (it.contact || it.statusPage) { %><footer><% if (it.contact) { %><span><span data-part="contact"><%= it.texts.contact %></span>: <% if (it.contact.link) { %><a href="<%= it.contact.link %>"><%= it.contact.text %></a><% } else { %><%= it.contact.text %><% } %></span><% } %><% if (it.statusPage) { %><a href="<%= it.statusPage %>" data-part="statusPage"><%= it.texts.statusPage %></a><% } %></footer>
<% } %></main>
<% if (it.json) { %><script type="application/json" data-part="texts"><%~ it.json %></script>
<% } %><% if (it.script) { %><script><%~ it.script %></script>
<% } %></body>
</html>
`;
