import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Another system's subscriber. It knows an AsyncAPI document and the name of an event, and takes
 * everything else from the document: brokers, topic, key, headers, the schema of the value.
 * Prints one JSON object a line for each record of the topic, until it is stopped.
 */
public class Subscriber {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Set<String>> JSON_TYPES = Map.of(
            "NUMBER", Set.of("number", "integer"), "STRING", Set.of("string"),
            "BOOLEAN", Set.of("boolean"), "OBJECT", Set.of("object"), "ARRAY", Set.of("array"),
            "NULL", Set.of("null"));

    private final JsonNode document;
    private final JsonNode channel;

    Subscriber(JsonNode document, String event) {
        this.document = document;
        this.channel = StreamSupport.stream(document.get("channels").spliterator(), false)
                .filter(one -> one.get("messages").has(event))
                .findFirst()
                .orElseThrow();
    }

    public static void main(String[] arguments) throws Exception {
        new Subscriber(JSON.readTree(new File(arguments[0])), arguments[1]).run(arguments[2]);
    }

    void run(String group) throws Exception {
        String brokers = StreamSupport.stream(document.get("servers").spliterator(), false)
                .map(server -> server.get("host").asText())
                .collect(Collectors.joining(","));
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", brokers, "group.id", group, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(
                settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(channel.at("/bindings/kafka/topic").asText()));
            while (true) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    System.out.println(JSON.writeValueAsString(described(record)));
                }
                consumer.commitSync();
            }
        }
    }

    /** A record, and everything in which it differs from what the document says of it. */
    private ObjectNode described(ConsumerRecord<String, byte[]> record) throws Exception {
        ObjectNode headers = JSON.createObjectNode();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        JsonNode value = JSON.readTree(record.value());
        List<String> complaints = new ArrayList<>();
        JsonNode message = channel.get("messages").get(headers.path("ce_type").asText());
        if (message == null) {
            complaints.add("the document has no such message");
        } else {
            message = resolved(message);
            JsonNode key = JSON.getNodeFactory().textNode(record.key());
            compare("key", key, message.at("/bindings/kafka/key"), complaints);
            compare("headers", headers, message.get("headers"), complaints);
            compare("value", value, message.get("payload"), complaints);
        }
        ObjectNode found = JSON.createObjectNode().put("key", record.key());
        found.set("headers", headers);
        found.set("value", value);
        found.set("complaints", JSON.valueToTree(complaints));
        return found;
    }

    /** As much of JSON Schema as the document uses. */
    private void compare(String where, JsonNode value, JsonNode schema, List<String> complaints) {
        if (schema.has("$ref")) {
            compare(where, value, resolved(schema), complaints);
        }
        schema.path("allOf").forEach(part -> compare(where, value, part, complaints));
        if (schema.has("type")
                && !JSON_TYPES.get(value.getNodeType().name()).contains(schema.get("type").asText())) {
            complaints.add(where + " is no " + schema.get("type").asText());
        }
        if (schema.has("const") && !schema.get("const").equals(value)) {
            complaints.add(where + " is not " + schema.get("const"));
        }
        if (schema.has("enum")
                && StreamSupport.stream(schema.get("enum").spliterator(), false).noneMatch(value::equals)) {
            complaints.add(where + " is none of " + schema.get("enum"));
        }
        for (JsonNode name : schema.path("required")) {
            if (!value.has(name.asText())) {
                complaints.add(where + " lacks " + name.asText());
            }
        }
        schema.path("properties").fields().forEachRemaining(attribute -> {
            if (value.has(attribute.getKey())) {
                compare(where + "." + attribute.getKey(), value.get(attribute.getKey()),
                        attribute.getValue(), complaints);
            }
        });
        if (value.isArray() && schema.has("items")) {
            value.forEach(item -> compare(where + "[]", item, schema.get("items"), complaints));
        }
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }
}
