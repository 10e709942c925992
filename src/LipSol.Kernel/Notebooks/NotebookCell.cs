using System.Globalization;
using System.Text.Json.Nodes;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Notebooks;

/// <summary>One cell: a view on its JSON, so that what LipSol doesn't know of stays as it was.</summary>
public sealed class NotebookCell
{
    private const string Began = "iopub.execute_input";
    private const string Ended = "shell.execute_reply";
    private readonly JsonObject _json;

    internal NotebookCell(JsonObject json) => _json = json;

    /// <summary>Its id in the file.</summary>
    public string? Id => _json["id"]?.ToString();

    /// <summary>Whether it is to be run.</summary>
    public bool IsCode => Kind == "code";

    /// <summary><c>code</c>, <c>markdown</c> or <c>raw</c>.</summary>
    public string Kind => (string)_json["cell_type"]!;

    /// <summary>The text as written.</summary>
    public string Source => NotebookFile.Text(_json["source"]);

    /// <summary>The tags in its metadata.</summary>
    public IReadOnlyList<string> Tags => _json["metadata"]?["tags"] is JsonArray tags ? [.. tags.Select(t => t?.ToString() ?? "")] : [];

    /// <summary>What the cell is written in where its metadata says so (as VS Code writes it); else null.</summary>
    public string? Language =>
        (_json["metadata"]?["polyglot_notebook"]?["kernelName"] ?? _json["metadata"]?["dotnet_interactive"]?["language"])?.ToString();

    /// <summary>Pictures attached to a markdown cell: name to MIME bundle.</summary>
    internal JsonObject? Attachments => _json["attachments"] as JsonObject;

    internal IReadOnlyList<JsonObject> Outputs => _json["outputs"] is JsonArray outputs ? [.. outputs.OfType<JsonObject>()] : [];

    /// <summary>How it failed; null where it didn't.</summary>
    internal CellError? Error => Outputs.LastOrDefault(o => o["output_type"]?.ToString() == "error") is { } error
        ? new CellError(error["ename"]?.ToString() ?? "", error["evalue"]?.ToString() ?? "", error["traceback"] is JsonArray lines ? [.. lines.Select(l => l?.ToString() ?? "")] : [])
        : null;

    internal int? ExecutionCount
    {
        get => _json["execution_count"] is JsonValue value && value.TryGetValue<int>(out var count) ? count : null;
        set => _json["execution_count"] = value;
    }

    /// <summary>Whether it holds outputs or an execution count.</summary>
    public bool HasOutputs => Outputs.Count > 0 || ExecutionCount is not null;

    internal JsonObject Json => _json;

    /// <summary>When it began and how long it took; null where it didn't run, or didn't end.</summary>
    internal (DateTimeOffset Began, TimeSpan? Took)? Ran => Time(Began) is { } began ? (began, Time(Ended) - began) : null;

    /// <summary>Writes when it ran, as Jupyter's own front ends do.</summary>
    internal void SetTimes(DateTimeOffset began, DateTimeOffset? ended)
    {
        var times = new JsonObject { [Began] = began.ToString("O", CultureInfo.InvariantCulture) };
        if (ended is { } end) times[Ended] = end.ToString("O", CultureInfo.InvariantCulture);
        _json["metadata"]!["execution"] = times;
    }

    /// <summary>Appends an error to what it showed.</summary>
    internal void AddError(CellError error) => ((JsonArray)_json["outputs"]!).Add(CellRecorder.Json(error));

    internal void SetOutputs(IEnumerable<JsonObject> outputs) => _json["outputs"] = new JsonArray([.. outputs]);

    internal void Clear()
    {
        if (!IsCode)
            return;
        _json["outputs"] = new JsonArray();
        _json["execution_count"] = null;
        (_json["metadata"] as JsonObject)?.Remove("execution");
    }

    private DateTimeOffset? Time(string what) =>
        DateTimeOffset.TryParse(_json["metadata"]?["execution"]?[what]?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null;
}
