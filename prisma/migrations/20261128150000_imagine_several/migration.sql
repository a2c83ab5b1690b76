-- A picture is imagined of any number of items, those of references too.
UPDATE "Revision"
SET "edit" = jsonb_build_object('kind', 'imagine', 'of', jsonb_build_array(jsonb_build_object('item', "edit"->'item')), 'words', "edit"->'words')
WHERE "edit"->>'kind' = 'imagine' AND "edit" ? 'item';
