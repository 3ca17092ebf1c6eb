"""The configuration files of the peers, with only what a room with an archive needs."""

from string import Template

# Presence is not broadcast, since 500 members would cost 250,000 stanzas. The room is persistent,
# because its archive would otherwise be removed when the last member leaves.
PROSODY = Template("""\
run_as_root = true
data_path = "$folder"
pidfile = "$folder/prosody.pid"
certificates = "$folder"
log = { warn = "*console" }
gc = { mode = "generational" }

modules_enabled = { "saslauth" }
modules_disabled = { "s2s", "s2s_auth_certs", "offline" }
c2s_interfaces = { "$address" }
c2s_ports = { $port }
c2s_direct_tls_ports = { }
c2s_require_encryption = false

storage = "sql"
sql = { driver = "SQLite3", database = "$database" }

VirtualHost "$host"
  authentication = "anonymous"

Component "$rooms" "muc"
  modules_enabled = { "muc_mam" }
  muc_log_by_default = true
  muc_log_expires_after = "never"
  max_history_messages = 0
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_room_default_presence_broadcast = { visitor = false, participant = false, moderator = false }
""")

EJABBERD = Template("""\
hosts: ["$host"]
loglevel: warning
auth_method: [anonymous]
anonymous_protocol: sasl_anon

default_db: sql
sql_type: sqlite
sql_database: "$database"

listen:
  - port: $port
    ip: "$address"
    module: ejabberd_c2s
    access: all
    shaper: none
    starttls: false

modules:
  mod_mam:
    db_type: sql
    default: never  # the archive of each person; the room has its own
  mod_muc:
    host: "$rooms"
    access: all
    access_create: all
    access_mam: all
    history_size: 0
    max_users: $occupants
    default_room_options:
      mam: true
      persistent: true
      max_users: $occupants
      presence_broadcast: []  # as for Prosody
""")

NGIRCD = Template("""\
[Global]
Name = irc.chatsite.test
Info = A peer of a benchmark
AdminInfo1 = Nobody
AdminEMail = nobody@chatsite.test
Listen = $address
Ports = $port
MotdPhrase = Welcome

[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxNickLength = 31
MaxPenaltyTime = 0
PingTimeout = 86400

[Options]
DNS = no
Ident = no
PAM = no
""")
