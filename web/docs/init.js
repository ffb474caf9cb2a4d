// Every address is relative to /docs, so that the page also works behind a prefix.
SwaggerUIBundle({
	url: "openapi.json",
	dom_id: "#api",
	deepLinking: true,
	validatorUrl: null, // nothing is sent to a server of others
});
