"use strict";
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: false, persistAuthorization: false, validatorUrl: null });
