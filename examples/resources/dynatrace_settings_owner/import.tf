# Import by the ID of the settings object, for example of a connection.
import {
  to = dynatrace_settings_owner.example
  id = dynatrace_aws_connection.example.id
}
