using System.Text;
using System.Text.Json.Nodes;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Notebooks;

/// <summary>
/// Collects what the cells of one run show, as nbformat outputs. An update reaches its display in whichever cell that is; text of one stream
/// that follows on itself is one output; what is beyond a cell's limit is left out with a note. It alone writes into the notebook while cells run.
/// </summary>
/// <param name="notebook">The notebook that runs.</param>
internal sealed class CellRecorder(NotebookFile notebook)
{
    private const int CellLimit = 16 * 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _displays = new(StringComparer.Ordinal);
    private readonly Dictionary<NotebookCell, Recording> _cells = [];

    public void Add(NotebookCell cell, CellOutput output)
    {
        lock (_gate)
        {
            if (output is DisplayUpdate update)
            {
                if (_displays.TryGetValue(update.DisplayId, out var shown))
                    shown["data"] = Data(update.Data);
                return;
            }

            var recording = Of(cell);
            if (recording.Full && output is not ErrorOutput)
                return;
            recording.Size += SizeOf(output);
            if (recording.Size > CellLimit && output is not ErrorOutput)
            {
                recording.Full = true;
                output = new StreamOutput("stderr", $"\n[The rest of this cell's output is left out: it is more than {CellLimit >> 20} MB.]\n");
            }

            switch (output)
            {
                case StreamOutput stream:
                    recording.AddStream(stream);
                    break;
                case DisplayOutput display:
                    var item = recording.Add(new JsonObject { ["output_type"] = "display_data", ["data"] = Data(display.Data), ["metadata"] = new JsonObject() });
                    if (display.DisplayId is not null)
                        _displays[display.DisplayId] = item;
                    break;
                case ResultOutput result:
                    recording.Add(new JsonObject
                    {
                        ["output_type"] = "execute_result",
                        ["data"] = Data(result.Data),
                        ["execution_count"] = result.ExecutionCount,
                        ["metadata"] = new JsonObject(),
                    });
                    break;
                case ErrorOutput { Error: var error }:
                    recording.Add(Json(error));
                    break;
            }
        }
    }

    /// <summary>An error as nbformat's output.</summary>
    public static JsonObject Json(CellError error) => new()
    {
        ["output_type"] = "error",
        ["ename"] = error.Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray([.. error.Traceback.Select(l => JsonValue.Create(l))]),
    };

    /// <summary>Records that <paramref name="cell"/> begins now.</summary>
    public void Begin(NotebookCell cell)
    {
        lock (_gate)
            Of(cell).Began = DateTimeOffset.UtcNow;
    }

    /// <summary>Records that it has ended.</summary>
    public void End(NotebookCell cell, int? count)
    {
        lock (_gate)
            (Of(cell).Ended, Of(cell).Count) = (DateTimeOffset.UtcNow, count);
    }

    /// <summary>The notebook as it's written, with everything recorded so far.</summary>
    public byte[] ToBytes()
    {
        lock (_gate)
        {
            Store();
            return notebook.ToBytes();
        }
    }

    /// <summary>Writes everything recorded so far into the cells.</summary>
    public void Store()
    {
        lock (_gate)
        {
            foreach (var (cell, recording) in _cells)
            {
                cell.SetOutputs(recording.Outputs());
                cell.ExecutionCount = recording.Count;
                if (recording.Began is { } began) cell.SetTimes(began, recording.Ended);
            }
        }
    }

    private Recording Of(NotebookCell cell) => _cells.TryGetValue(cell, out var recording) ? recording : _cells[cell] = new Recording();

    private static JsonObject Data(IReadOnlyDictionary<string, string> data)
    {
        var bundle = new JsonObject();
        foreach (var (mimeType, text) in data)
            bundle[mimeType] = mimeType.EndsWith("json", StringComparison.Ordinal) ? ParseJson(text) : NotebookFile.Lines(text);
        return bundle;
    }

    private static JsonNode? ParseJson(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }

    private static int SizeOf(CellOutput output) => output switch
    {
        StreamOutput stream => stream.Text.Length,
        DisplayOutput display => display.Data.Values.Sum(v => v.Length),
        ResultOutput result => result.Data.Values.Sum(v => v.Length),
        _ => 0,
    };

    private sealed class Recording
    {
        private readonly List<(JsonObject Json, StringBuilder? Text)> _items = [];

        public long Size { get; set; }

        public bool Full { get; set; }

        public DateTimeOffset? Began { get; set; }

        public DateTimeOffset? Ended { get; set; }

        public int? Count { get; set; }

        public JsonObject Add(JsonObject json)
        {
            _items.Add((json, null));
            return json;
        }

        public void AddStream(StreamOutput output)
        {
            if (_items.Count > 0 && _items[^1] is { Text: { } text, Json: var last } && last["name"]!.ToString() == output.Stream)
                text.Append(output.Text);
            else
                _items.Add((new JsonObject { ["output_type"] = "stream", ["name"] = output.Stream }, new StringBuilder(output.Text)));
        }

        public IEnumerable<JsonObject> Outputs() => _items.Select(i =>
        {
            var json = i.Json.DeepClone().AsObject();
            if (i.Text is not null)
                json["text"] = NotebookFile.Lines(i.Text.ToString());
            return json;
        });
    }
}
