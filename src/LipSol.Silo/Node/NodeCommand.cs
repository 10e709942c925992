using System.CommandLine;
using System.Net;
using LipSol.Client;
using LipSol.Silo.Serving;

namespace LipSol.Silo.Node;

/// <summary>The node's command line: options in, exit status out. 0 stopped as asked, 1 failed, 2 can't start as asked.</summary>
internal static class NodeCommand
{
    /// <summary>Runs a node until it's asked to stop. <paramref name="configure"/>: changes to its services, for tests.</summary>
    public static async Task<int> RunAsync(string[] args, Action<IServiceCollection>? configure = null)
    {
        var arguments = new NodeArguments();
        var data = new Option<string>("--data") { Description = "Folder of what is the node's own; by itself also of corpora, artifacts, database and token.", HelpName = "DIR", DefaultValueFactory = _ => NodeFile.DefaultDataFolder };
        var attached = new Option<bool>("--attached") { Description = "Stop when standard input closes, and leave Ctrl-C to the program that holds its other end." };
        var owned = new Option<bool>("--owned") { Description = "The node is there for one command: when it's gone its runs wait for someone to resume them." };
        var root = new RootCommand("Runs a LipSol node, e.g.: LipSol.Silo --data .lipsol --port 5000") { data, attached, owned };
        foreach (var option in arguments.All) root.Add(option);
        root.SetAction(async (parsed, cancellationToken) =>
        {
            var given = parsed.GetValue(arguments.Name) ?? new string([.. Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
            return await RunAsync(Validate(new NodeOptions
            {
                DataFolder = Path.GetFullPath(parsed.GetValue(data)!),
                Port = parsed.GetValue(arguments.Port),
                Bind = Address("--bind", parsed.GetValue(arguments.Bind)!),
                Name = given,
                SiloPort = parsed.GetValue(arguments.SiloPort),
                GatewayPort = parsed.GetValue(arguments.GatewayPort),
                Join = parsed.GetValue(arguments.Join) ?? (Environment.GetEnvironmentVariable(NodeArguments.JoinVariable) is { Length: > 0 } named ? named : null),
                Advertise = parsed.GetValue(arguments.Advertise) is { } address ? Address("--advertise", address) : null,
                SharedFolder = parsed.GetValue(arguments.Shared) is { } folder ? Path.GetFullPath(folder) : null,
                Remote = parsed.GetValue(arguments.Remote) ?? (Environment.GetEnvironmentVariable(NodeArguments.RemoteVariable) is { Length: > 0 } remote ? remote : null),
                Labels = [.. (parsed.GetValue(arguments.Labels) ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                Memory = Memory(parsed.GetValue(arguments.Memory)),
                TokenFile = parsed.GetValue(arguments.TokenFile) is { } file ? Path.GetFullPath(file) : null,
                Slots = parsed.GetValue(arguments.Slots),
                Networks = parsed.GetValue(arguments.Networks) != "off",
                Threads = parsed.GetValue(arguments.Threads),
                Device = parsed.GetValue(arguments.Device)!,
                Serving = ServingArguments.Read(arguments, parsed),
                WebhookSecret = Environment.GetEnvironmentVariable(Pipelines.NoticeSender.SecretVariable) is { Length: > 0 } secret ? secret : null,
                Attached = parsed.GetValue(attached),
                Owned = parsed.GetValue(owned),
                Certificate = Certificate(parsed.GetValue(arguments.Certificate), parsed.GetValue(arguments.Key)),
                TokenLimits = new() { RequestsPerSecond = parsed.GetValue(arguments.TokenRequests), Uploads = parsed.GetValue(arguments.TokenUploads) },
                Telemetry = Telemetry.TelemetryOptions.FromEnvironment() with { JsonLogs = parsed.GetValue(arguments.LogFormat) == "json" },
                Uploads = Transcriptions.UploadLimits.Of((long)parsed.GetValue(arguments.MaxUploadMegabytes) << 20, parsed.GetValue(arguments.MaxUploadSeconds)) with { KeepAnswers = parsed.GetValue(arguments.KeepAnswers) is >= 0 and <= 87840 and var hours ? TimeSpan.FromHours(hours) : Timeout.InfiniteTimeSpan },
            }), configure, cancellationToken);
        });

        var result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors) await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }
        try
        {
            // The host handles Ctrl-C and SIGTERM itself: it has runs to write down.
            return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        }
        catch (NodeStartException e)
        {
            await Console.Error.WriteLineAsync("lipsol: " + e.Message);
            return 2;
        }
    }

    private static async Task<int> RunAsync(NodeOptions options, Action<IServiceCollection>? configure, CancellationToken cancellationToken)
    {
        await using var node = await LipSolNode.StartAsync(options, configure, cancellationToken);
        Console.WriteLine($"""
            LipSol {NodeVersion.Text.Split('+')[0]}, node {options.Name}
              data   {options.DataFolder}
              page   {node.Url}/?token={node.Token}
              stop   Ctrl-C
            """);
        if (options.Join is not null) Console.WriteLine($"  cluster {NodeStorage.Of(options)}; other nodes reach this one at {node.SiloAddress}");
        if (!IPAddress.IsLoopback(options.Bind) && options.Certificate is null)
            Console.WriteLine("  Anyone who can reach this address and has the token can use the node, and the token travels in clear: give --certificate, or put TLS before it.");
        if (node.CertificateEnds is { } end && end < DateTimeOffset.UtcNow.AddDays(14)) Console.WriteLine($"  The certificate is valid until {end:yyyy-MM-dd HH:mm} UTC only. Have it renewed, and start the node again.");
        await node.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static IPAddress Address(string option, string text) => text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw new NodeStartException($"{option} is \"{text}\", which is not an IP address. Give 127.0.0.1, {(option == "--bind" ? "0.0.0.0 or an" : "or an")} address of this machine.");

    private static CertificateFiles? Certificate(string? certificate, string? key) => (certificate, key) switch
    {
        (null, null) => null,
        (null, _) => throw new NodeStartException("--key belongs to --certificate. Give that too."),
        _ => new CertificateFiles(Path.GetFullPath(certificate), key is null ? null : Path.GetFullPath(key))
        {
            Password = Environment.GetEnvironmentVariable(CertificateFiles.PasswordVariable) is { Length: > 0 } password ? password : null,
        },
    };

    private static long Memory(string? text)
    {
        try
        {
            return text is null ? 0 : MemorySize.Parse(text);
        }
        catch (FormatException e)
        {
            throw new NodeStartException($"--memory: {e.Message}", e);
        }
    }

    private static NodeOptions Validate(NodeOptions options)
    {
        foreach (var (port, option) in new[] { (options.Port, "--port"), (options.SiloPort, "--silo-port"), (options.GatewayPort, "--gateway-port") })
            if (port is < 0 or > 65535) throw new NodeStartException($"{option} is {port}. Give 1 to 65535, or 0 for a free one.");
        if (options.Name.Length is 0 or > 64 || !options.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new NodeStartException($"--name is \"{options.Name}\". Use letters, digits, '-', '_' and '.', at most 64.");
        if (options.Labels.FirstOrDefault(l => l.Length is 0 or > 64 || !l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) is { } label)
            throw new NodeStartException($"--label is \"{label}\". Use letters, digits, '-', '_' and '.', at most 64.");
        if (options is { Join: null, Advertise: not null }) throw new NodeStartException("--advertise is for nodes of a cluster. Give --join too, or leave it out.");
        if (options.Advertise is { } own && (own.Equals(IPAddress.Any) || own.Equals(IPAddress.IPv6Any))) throw new NodeStartException($"--advertise is {own}, which is no address that others could reach. Give one of this machine's own.");
        NodeStorage.Of(options);
        if (options.Slots is < 0 or > 64) throw new NodeStartException($"--slots is {options.Slots}. Give 0 to 64.");
        if (options.Threads is < 0 or > 1024) throw new NodeStartException($"--threads is {options.Threads}. Give 1 or more, or 0.");
        if (options.Device is not ("auto" or "cpu") && !options.Device.StartsWith("cuda:", StringComparison.Ordinal))
            throw new NodeStartException($"--device is \"{options.Device}\". Known are auto, cpu and cuda:0, cuda:1, ….");
        if (options.WebhookSecret is { Length: < 16 }) throw new NodeStartException($"{Pipelines.NoticeSender.SecretVariable} has fewer than 16 characters: notices that anyone can sign are worth nothing. Make one with `openssl rand -hex 32`.");
        if (options.Uploads.Bytes <= 0 || !(options.Uploads.Seconds > 0)) throw new NodeStartException("--max-upload-mb and --max-upload-seconds have to be above 0.");
        if (options.Uploads.KeepAnswers < TimeSpan.Zero) throw new NodeStartException("--keep-answers is a number of hours from 0 to 87840.");
        if (!(options.TokenLimits.RequestsPerSecond is >= 0 and <= 1e6) || options.TokenLimits.Uploads < 0) throw new NodeStartException("--token-requests and --token-uploads have to be 0 or above.");
        return options;
    }
}
