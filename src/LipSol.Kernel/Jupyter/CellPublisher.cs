using System.Text;
using System.Text.Json.Nodes;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Jupyter;

/// <summary>
/// Publishes what one cell shows, in order, as answers to the request that ran it, also after it has ended. Text that follows on itself is sent together, at the latest after
/// <see cref="Patience"/>; what is beyond <see cref="Limit"/> is left out with a note.
/// </summary>
internal sealed class CellPublisher
{
    /// <summary>The characters that one cell may show; what replaces something on the page doesn't count.</summary>
    public const int Limit = 16 * 1024 * 1024;

    private const int Chunk = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(40);
    private readonly JupyterSockets _sockets;
    private readonly JupyterMessage _request;
    private readonly object _gate = new();
    private readonly StringBuilder _text = new();
    private readonly Timer _timer;
    private string _stream = "stdout";
    private long _shown;
    private bool _full;

    public CellPublisher(JupyterSockets sockets, JupyterMessage request)
    {
        _sockets = sockets;
        _request = request;
        _timer = new Timer(static publisher => ((CellPublisher)publisher!).Flush(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public void Publish(CellOutput output)
    {
        lock (_gate)
        {
            if (output is StreamOutput stream)
            {
                Write(stream);
                return;
            }

            SendText();
            switch (output)
            {
                case DisplayUpdate update:
                    Send("update_display_data", Bundle(update.Data, update.DisplayId));
                    break;
                case DisplayOutput display when Fits(SizeOf(display.Data)):
                    Send("display_data", Bundle(display.Data, display.DisplayId));
                    break;
                case ResultOutput result when Fits(SizeOf(result.Data)):
                    var content = Bundle(result.Data, null);
                    content["execution_count"] = result.ExecutionCount;
                    Send("execute_result", content);
                    break;
                case ErrorOutput { Error: var error }:
                    Send("error", Error(error));
                    break;
            }
        }
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        lock (_gate)
            SendText();
    }

    /// <summary>An error as messages carry it.</summary>
    public static JsonObject Error(CellError error) => new()
    {
        ["ename"] = error.Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray([.. error.Traceback.Select(line => JsonValue.Create(line))]),
    };

    /// <summary>A MIME bundle as messages carry it: JSON as such, all else as text.</summary>
    public static JsonObject Data(IReadOnlyDictionary<string, string> data)
    {
        var bundle = new JsonObject();
        foreach (var (mimeType, text) in data)
            bundle[mimeType] = mimeType.EndsWith("json", StringComparison.Ordinal) ? Json(text) : text;
        return bundle;
    }

    private void Write(StreamOutput output)
    {
        if (_full)
            return;
        if (_stream != output.Stream)
            SendText();
        _stream = output.Stream;
        var room = (int)Math.Min(output.Text.Length, Limit - _shown);
        _shown += room;
        _text.Append(output.Text, 0, room);
        if (room < output.Text.Length)
        {
            Cut();
            return;
        }

        if (_text.Length >= Chunk)
            SendText();
        else if (_text.Length == output.Text.Length)
            _timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    private bool Fits(long size)
    {
        if (_full)
            return false;
        _shown += size;
        if (_shown <= Limit)
            return true;
        Cut();
        return false;
    }

    private void Cut()
    {
        _full = true;
        SendText();
        _stream = "stderr";
        _text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n[The rest of this cell's output is left out: it is more than {Limit >> 20} MB.]\n");
        SendText();
    }

    private void SendText()
    {
        if (_text.Length == 0)
            return;
        Send("stream", new JsonObject { ["name"] = _stream, ["text"] = _text.ToString() });
        _text.Clear();
    }

    private void Send(string type, JsonObject content) => _sockets.Send(JupyterChannel.IoPub, type, content, _request);

    private static JsonObject Bundle(IReadOnlyDictionary<string, string> data, string? displayId) => new()
    {
        ["data"] = Data(data),
        ["metadata"] = new JsonObject(),
        ["transient"] = displayId is null ? new JsonObject() : new JsonObject { ["display_id"] = displayId },
    };

    private static long SizeOf(IReadOnlyDictionary<string, string> data) => data.Values.Sum(v => (long)v.Length);

    private static JsonNode? Json(string text)
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
}
