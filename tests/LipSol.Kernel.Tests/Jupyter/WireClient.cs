using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>A front end of ZeroMQ sockets and nothing else: what it signs, sends and reads is written here once more, apart from the kernel's own code.</summary>
internal sealed class WireClient : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly byte[] _key;
    private readonly DealerSocket _shell = new();
    private readonly DealerSocket _control = new();
    private readonly DealerSocket _stdin = new();
    private readonly SubscriberSocket _ioPub = new();
    private readonly RequestSocket _heartbeat = new();
    private readonly List<WireMessage> _replies = [];

    public WireClient(IReadOnlyDictionary<string, int> ports, string key)
    {
        _key = Encoding.UTF8.GetBytes(key);
        var identity = Guid.NewGuid().ToByteArray();
        // An identity mustn't begin with 0.
        identity[0] = 1;
        foreach (var (socket, port) in new (NetMQSocket, string)[] { (_shell, "shell_port"), (_control, "control_port"), (_stdin, "stdin_port"), (_ioPub, "iopub_port"), (_heartbeat, "hb_port") })
        {
            if (socket is DealerSocket)
                socket.Options.Identity = identity;
            socket.Options.ReceiveHighWatermark = 0;
            socket.Options.Linger = TimeSpan.Zero;
            socket.Connect($"tcp://127.0.0.1:{ports[port]}");
        }

        _ioPub.SubscribeToAnyTopic();
    }

    /// <summary>Everything published so far that was read, in order.</summary>
    public List<WireMessage> Heard { get; } = [];

    /// <summary>Asks until the kernel both answers and is heard publishing: a subscription that has just begun may miss what came before.</summary>
    /// <returns>False where the kernel ended instead.</returns>
    public bool WaitUntilReady(Process kernel)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience)
        {
            var id = Send(_shell, "kernel_info_request", new JsonObject());
            // The first question waits for the process to come up; each of the others is asked because no publishing was heard.
            WireMessage? reply;
            while ((reply = Read(_shell, TimeSpan.FromMilliseconds(200))) is null && watch.Elapsed < Patience)
            {
                if (kernel.HasExited)
                    return false;
            }

            if (reply?.ParentId == id && Hear(m => m.Type == "status" && m.ParentId == id, TimeSpan.FromMilliseconds(200)) is not null)
            {
                Heard.Clear();
                return true;
            }
        }

        throw new TimeoutException("The kernel didn't answer.");
    }

    public string Request(string type, JsonObject? content = null) => Send(_shell, type, content ?? new JsonObject());

    public string Execute(string code, bool allowStdin = false, bool silent = false) => Request("execute_request", new JsonObject
    {
        ["code"] = code,
        ["silent"] = silent,
        ["store_history"] = !silent,
        ["user_expressions"] = new JsonObject(),
        ["allow_stdin"] = allowStdin,
        ["stop_on_error"] = true,
    });

    public string Control(string type, JsonObject? content = null) => Send(_control, type, content ?? new JsonObject());

    public void AnswerInput(string text) => Send(_stdin, "input_reply", new JsonObject { ["value"] = text });

    public WireMessage InputRequest() => Read(_stdin, Patience) ?? throw new TimeoutException("No question came.");

    public WireMessage ControlReply() => Read(_control, Patience) ?? throw new TimeoutException("No answer came on the control channel.");

    /// <summary>Sends raw frames on the shell channel.</summary>
    public void SendRaw(string type, string signature)
    {
        var parts = Parts(Guid.NewGuid().ToString(), type, new JsonObject());
        _shell.SendMultipartBytes(["<IDS|MSG>"u8.ToArray(), Encoding.ASCII.GetBytes(signature), .. parts]);
    }

    /// <summary>The shell's reply to <paramref name="id"/>.</summary>
    public WireMessage Reply(string id)
    {
        while (true)
        {
            if (_replies.Find(r => r.ParentId == id) is { } found)
                return found;
            _replies.Add(Read(_shell, Patience) ?? throw new TimeoutException($"No reply came to {id}. Published: {string.Join('\n', Heard.TakeLast(5))}"));
        }
    }

    /// <summary>Everything published in answer to <paramref name="id"/>, up to its <c>idle</c>.</summary>
    public List<WireMessage> UntilIdle(string id)
    {
        if (!Heard.Exists(m => IsIdle(m, id)) && Hear(m => IsIdle(m, id), Patience) is null)
            throw new TimeoutException($"Idle wasn't heard of {id}.");
        return [.. Heard.Where(m => m.ParentId == id)];
    }

    /// <summary>Runs a cell to its end: the reply and all that was published.</summary>
    public (WireMessage Reply, List<WireMessage> Published) Run(string code)
    {
        var id = Execute(code);
        var reply = Reply(id);
        return (reply, UntilIdle(id));
    }

    /// <summary>Reads what is published until one matches; null where none did in time.</summary>
    public WireMessage? Hear(Predicate<WireMessage> wanted, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (Read(_ioPub, limit - watch.Elapsed) is { } message)
        {
            Heard.Add(message);
            if (wanted(message))
                return message;
        }

        return null;
    }

    public bool HeartBeats()
    {
        _heartbeat.SendFrame("beat");
        return _heartbeat.TryReceiveFrameString(Patience, out var echo) && echo == "beat";
    }

    public void Dispose()
    {
        foreach (var socket in new NetMQSocket[] { _shell, _control, _stdin, _ioPub, _heartbeat })
            socket.Dispose();
    }

    private static bool IsIdle(WireMessage message, string id) => message.Type == "status" && message.ParentId == id && message.Content["execution_state"]!.ToString() == "idle";

    /// <summary>What is sent beside each message, as JupyterLab does.</summary>
    public JsonObject Metadata { get; set; } = [];

    private byte[][] Parts(string id, string type, JsonObject content) =>
    [
        Encoding.UTF8.GetBytes(new JsonObject { ["msg_id"] = id, ["msg_type"] = type, ["session"] = "test", ["username"] = "test", ["version"] = "5.3", ["date"] = DateTime.UtcNow.ToString("O") }.ToJsonString()),
        "{}"u8.ToArray(),
        Encoding.UTF8.GetBytes(Metadata.ToJsonString()),
        Encoding.UTF8.GetBytes(content.ToJsonString()),
    ];

    private string Send(DealerSocket socket, string type, JsonObject content)
    {
        var id = Guid.NewGuid().ToString();
        var parts = Parts(id, type, content);
        socket.SendMultipartBytes(["<IDS|MSG>"u8.ToArray(), Sign(parts), .. parts]);
        return id;
    }

    private byte[] Sign(byte[][] parts) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(_key, parts.SelectMany(p => p).ToArray())));

    private WireMessage? Read(NetMQSocket socket, TimeSpan limit)
    {
        List<byte[]> frames = [];
        if (limit <= TimeSpan.Zero || !socket.TryReceiveMultipartBytes(limit, ref frames!))
            return null;
        var at = frames.FindIndex(f => f.AsSpan().SequenceEqual("<IDS|MSG>"u8));
        var parts = frames.Skip(at + 2).Take(4).ToArray();
        Assert.Equal(Sign(parts), frames[at + 1]);
        return new WireMessage(Json(parts[0]), Json(parts[1]), Json(parts[3]));
    }

    private static JsonObject Json(byte[] bytes) => JsonNode.Parse(bytes)!.AsObject();
}
