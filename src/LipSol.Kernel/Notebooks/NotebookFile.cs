using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LipSol.Kernel.Notebooks;

/// <summary>A notebook of nbformat 4, read from a file and written as nbformat 4.5.</summary>
public sealed class NotebookFile
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonObject _json;
    private readonly JsonArray _cells;

    private NotebookFile(JsonObject json, JsonArray cells)
    {
        _json = json;
        _cells = cells;
    }

    /// <summary>The cells in order.</summary>
    public IReadOnlyList<NotebookCell> Cells => [.. _cells.OfType<JsonObject>().Select(c => new NotebookCell(c))];

    /// <summary>The title: the first heading of the first markdown cell, if there is one.</summary>
    public string? Title => Cells.Where(c => c.Kind == "markdown")
        .SelectMany(c => c.Source.Split('\n'))
        .FirstOrDefault(l => l.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim();

    /// <summary>Whether any cell holds an output: notebooks are stored without.</summary>
    public bool HasOutputs => Cells.Any(c => c.HasOutputs);

    internal JsonObject Metadata => (JsonObject)_json["metadata"]!;

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="NotebookFormatException">It isn't JSON, isn't a notebook, or of another nbformat than 4.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static async Task<NotebookFile> ReadAsync(string path, CancellationToken cancellation = default)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no notebook {path}.", path);
        return Parse(await File.ReadAllTextAsync(path, cancellation), Path.GetFileName(path));
    }

    /// <summary>Reads a notebook from its JSON; <paramref name="name"/> is what errors call it.</summary>
    /// <exception cref="NotebookFormatException">It isn't a notebook of nbformat 4.</exception>
    public static NotebookFile Parse(string json, string name)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json);
        }
        catch (JsonException e)
        {
            throw new NotebookFormatException($"{name} isn't a notebook: it isn't JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}). Take it from version control again.", e);
        }

        try
        {
            return Of(root as JsonObject, name);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidCastException or ArgumentException or FormatException)
        {
            throw new NotebookFormatException($"{name} isn't a valid notebook: {e.Message}", e);
        }
    }

    /// <summary>Writes the notebook as nbformat 4.5; an existing file is replaced whole or not at all.</summary>
    public Task WriteAsync(string path, CancellationToken cancellation = default) => WholeFile.WriteAsync(path, Json(), cancellation);

    /// <summary>As <see cref="WriteAsync"/> writes it.</summary>
    internal byte[] ToBytes() => System.Text.Encoding.UTF8.GetBytes(Json());

    /// <summary>Takes all outputs out.</summary>
    public void Strip()
    {
        foreach (var cell in Cells)
            cell.Clear();
        Metadata.Remove("lipsol");
    }

    /// <summary>Puts other texts in the place of all texts in it.</summary>
    internal void ChangeTexts(Func<string, string> change)
    {
        Change(_json);

        void Change(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject owner:
                    foreach (var (name, value) in owner.ToList())
                        if (Changed(value) is { } text) owner[name] = text;
                        else Change(value);
                    break;
                case JsonArray list:
                    for (var i = 0; i < list.Count; i++)
                        if (Changed(list[i]) is { } text) list[i] = text;
                        else Change(list[i]);
                    break;
            }
        }

        string? Changed(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && change(text) is var other && other != text ? other : null;
    }

    internal NotebookCell InsertCodeAfter(NotebookCell cell, string source, string tag)
    {
        var json = new JsonObject
        {
            ["cell_type"] = "code",
            ["execution_count"] = null,
            ["id"] = NewId("injected-parameters"),
            ["metadata"] = new JsonObject { ["tags"] = new JsonArray(tag) },
            ["outputs"] = new JsonArray(),
            ["source"] = Lines(source),
        };
        _cells.Insert(_cells.IndexOf(cell.Json) + 1, json);
        return new NotebookCell(json);
    }

    internal static string Text(JsonNode? node) => node switch
    {
        JsonArray lines => string.Concat(lines.Select(l => l?.ToString())),
        null => "",
        _ => node.ToString(),
    };

    internal static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        var start = 0;
        while (start < text.Length)
        {
            var end = text.IndexOf('\n', start);
            var next = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..next]);
            start = next;
        }

        return lines;
    }

    private static NotebookFile Of(JsonObject? root, string name)
    {
        if (root?["nbformat"] is not JsonValue format || !format.TryGetValue<int>(out var major))
            throw new NotebookFormatException($"{name} isn't a notebook: it has no nbformat number.");
        if (major < 4)
            throw new NotebookFormatException($"{name} is a notebook of nbformat {major}; LipSol runs nbformat 4. Convert it: jupyter nbconvert --to notebook --nbformat 4 {name}");
        if (major > 4)
            throw new NotebookFormatException($"{name} is a notebook of nbformat {major}, which is newer than the 4 that LipSol knows.");
        if (root["cells"] is not JsonArray cells)
            throw new NotebookFormatException($"{name} isn't a valid notebook: it has no list of cells.");
        root["nbformat_minor"] = 5;
        root["metadata"] ??= new JsonObject();
        var file = new NotebookFile(root, cells);
        for (var i = 0; i < cells.Count; i++)
            Complete(cells[i] as JsonObject, i);
        return file;

        void Complete(JsonObject? cell, int index)
        {
            if (cell is null || cell["cell_type"]?.ToString() is not ("code" or "markdown" or "raw") || cell["source"] is not (JsonArray or JsonValue))
                throw new NotebookFormatException($"{name} isn't a valid notebook: cell {index + 1} has no type or no source.");
            cell["metadata"] ??= new JsonObject();
            cell["id"] ??= file.NewId($"cell-{index + 1}");
            if ((string)cell["cell_type"]! != "code")
                return;
            cell["outputs"] ??= new JsonArray();
            if (!cell.ContainsKey("execution_count"))
                cell["execution_count"] = null;
        }
    }

    private string Json() => _json.ToJsonString(Written) + "\n";

    private string NewId(string wish)
    {
        var taken = _cells.OfType<JsonObject>().Select(c => c["id"]?.ToString()).ToHashSet();
        return Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? wish : $"{wish}-{i}").First(id => !taken.Contains(id));
    }
}
