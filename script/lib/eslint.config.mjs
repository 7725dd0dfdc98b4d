// Mistakes only: format is prettier's business. No plug-ins, so that the
// configuration works without a node_modules folder beside it.
const browser = [
    "AbortController", "Blob", "CustomEvent", "DOMParser", "Event", "File", "FileReader",
    "FormData", "Headers", "Image", "IntersectionObserver", "L", "MutationObserver", "Node",
    "ResizeObserver", "TextDecoder", "TextEncoder", "URL", "URLSearchParams", "Worker", "alert",
    "clearInterval", "clearTimeout", "console", "crypto", "document", "fetch", "localStorage",
    "location", "navigator", "performance", "requestAnimationFrame", "self", "sessionStorage",
    "setInterval", "setTimeout", "window",
];

export default [
    {ignores: ["static/lib/**"]},
    {
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: Object.fromEntries(browser.map((name) => [name, "readonly"])),
        },
        rules: {
            "array-callback-return": "error",
            curly: "error",
            "dot-notation": "error",
            eqeqeq: "error",
            "no-console": ["error", {allow: ["warn", "error", "log"]}],
            "no-dupe-args": "error",
            "no-dupe-keys": "error",
            "no-duplicate-imports": "error",
            "no-eval": "error",
            "no-implicit-globals": "error",
            "no-shadow": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unused-vars": ["error", {argsIgnorePattern: "^_"}],
            "no-use-before-define": ["error", {functions: false}],
            "no-var": "error",
            "prefer-const": "error",
            "require-await": "error",
        },
    },
];
