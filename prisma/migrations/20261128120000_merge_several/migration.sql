-- Any number of items is merged at once: the first of the list gives its name.
UPDATE "Revision" SET "edit" = jsonb_build_object('kind', 'merge', 'items', jsonb_build_array("edit"->'a', "edit"->'b'))
WHERE "edit"->>'kind' = 'merge' AND "edit" ? 'a';
