-- Nothing was heard yet: for topics that are made anew.
\connect quotes
truncate inbox_offset, inbox_record, parked;
\connect consent
truncate inbox_offset, inbox_record, parked;
\connect retention
truncate inbox_offset, inbox_record, parked;
\connect billing
truncate inbox_offset, inbox_record, parked;
