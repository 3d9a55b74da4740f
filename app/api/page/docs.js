"use strict";

// Swagger UI's own player asks for the sound a second time, by GET and without the token: a POST cannot be heard so.
const withPlayers = () => ({
  wrapComponents: {
    responseBody: (Original, { React }) => (props) => {
      const made = React.createElement;
      const sounds = soundsOf(props.content, props.contentType);
      if (props.content instanceof Blob && sounds.length) return made("div", null, players(made, sounds));
      return made("div", null, made(Original, props), players(made, sounds));
    },
    // A field left empty is not sent: an empty text would say that the message is to be none.
    ParameterIncludeEmpty: (Original, { React }) => (props) => {
      const options = { ...props.isIncludedOptions, defaultValue: false };
      return React.createElement(Original, { ...props, isIncludedOptions: options });
    },
  },
});

function players(made, sounds) {
  return sounds.map((sound) => made("audio", { controls: true, key: sound, src: sound }));
}

const urls = new WeakMap();

function soundsOf(content, type) {
  if (content instanceof Blob) {
    if (!/^audio\//.test(type || "")) return [];
    if (!urls.has(content)) urls.set(content, URL.createObjectURL(content));
    return [urls.get(content)];
  }
  try {
    const { data } = JSON.parse(content);
    return [data, ...(data.previews || [])].map((one) => one.voice_url).filter(Boolean);
  } catch {
    return [];
  }
}

// Fields of a form begin empty. They would else hold the word "string", which is sent with the rest.
function withEmptyForms(whole) {
  for (const operation of Object.values(whole.paths).flatMap(Object.values)) {
    const content = (operation.requestBody || {}).content || {};
    for (const [type, { schema }] of Object.entries(content)) {
      if (type === "application/json") continue;
      for (const field of Object.values(schema.properties)) {
        if (field.default === undefined && field.format !== "binary") {
          field.example = field.type === "array" ? [] : "";
        }
      }
    }
  }
  return whole;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  plugins: [withPlayers],
  responseInterceptor: (answer) => {
    if (answer.url.endsWith("/openapi.json")) {
      answer.text = JSON.stringify(withEmptyForms(JSON.parse(answer.text)));
    }
    return answer;
  },
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
