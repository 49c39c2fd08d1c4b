// "Select all" of the export form: django-import-export calls its function from an inline handler,
// which the site's content security policy does not run.
document.addEventListener("change", (event) => {
  if (event.target.matches(".select-toggle")) {
    onSelectToggleChange(event);
  }
});
