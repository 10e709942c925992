using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Silo.Transcriptions;
using LipSol.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LipSol.Silo.Node;

/// <summary>A node that runs: Orleans, HTTP and its hold on the data folder.</summary>
internal sealed class LipSolNode : IAsyncDisposable
{
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(10);
    private readonly DataFolderLock dataFolder;
    private readonly NodeOptions options;
    private readonly WebApplication app;
    private readonly NodeCertificate? certificate;
    private int disposed;

    private LipSolNode(DataFolderLock dataFolder, NodeOptions options, NodeCertificate? certificate, WebApplication app, string url, string token)
    {
        this.dataFolder = dataFolder;
        this.certificate = certificate;
        this.options = options;
        this.app = app;
        Url = url;
        Token = token;
    }

    /// <summary>Where the HTTP API is, e.g. <c>http://127.0.0.1:5000</c>.</summary>
    public string Url { get; }

    /// <summary>What guards it.</summary>
    public string Token { get; }

    /// <summary>Where other nodes reach this one.</summary>
    public IPEndPoint SiloAddress => new(NodeAddress.Of(options, NodeStorage.Of(options)), options.SiloPort);

    /// <summary>Until when its certificate is valid; null: it speaks HTTP.</summary>
    public DateTimeOffset? CertificateEnds => certificate?.Own.NotAfter.ToUniversalTime();

    /// <summary>The node's services.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Starts a node and returns once it answers.</summary>
    /// <param name="asked">How.</param>
    /// <param name="configure">Changes to its services, for tests.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="NodeStartException">It can't start as asked; the message says why and what to do.</exception>
    public static async Task<LipSolNode> StartAsync(NodeOptions asked, Action<IServiceCollection>? configure = null, CancellationToken cancellationToken = default)
    {
        var dataFolder = DataFolderLock.Take(asked.DataFolder);
        WebApplication? app = null;
        NodeCertificate? certificate = null;
        try
        {
            certificate = asked.Certificate is { } files ? NodeCertificate.Read(files, DateTimeOffset.UtcNow) : null;
            Ports.RequireFree(asked.Bind, asked.Port, "--port");
            var address = NodeAddress.Of(asked, NodeStorage.Of(asked));
            Ports.RequireFree(address, asked.SiloPort, "--silo-port", "--advertise");
            Ports.RequireFree(address, asked.GatewayPort, "--gateway-port", "--advertise");
            var free = Ports.Free(2, address);
            var options = asked with
            {
                SiloPort = asked.SiloPort == 0 ? free[0] : asked.SiloPort,
                GatewayPort = asked.GatewayPort == 0 ? free[1] : asked.GatewayPort,
            };
            // First, since what is made in the shared folder would make the folder too.
            SharedFolderFile.Keep(options);
            var token = AccessToken.ReadOrCreate(options.TokenPath);
            ClipUpload.RemoveLeftovers(options.UploadFolder);
            ClipUpload.RemoveLeftovers(options.BundleFolder);
            app = NodeComposition.Build(options, token, certificate, configure);
            await app.StartAsync(cancellationToken);
            var url = PublicUrl(app, options, certificate);
            Announce(options, url, certificate, new IPEndPoint(address, options.GatewayPort));
            return new LipSolNode(dataFolder, options, certificate, app, url, token.Value);
        }
        catch (Exception e)
        {
            if (app is not null) await DisposeQuietlyAsync(app);
            certificate?.Dispose();
            dataFolder.Dispose();
            if (Explain(e, asked) is { } reason) throw new NodeStartException(reason, e);
            throw;
        }
    }

    /// <summary>Waits until the node is asked to stop: Ctrl-C, SIGTERM, or the token.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Stops the node and gives its data folder back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        File.Delete(Path.Combine(options.DataFolder, NodeFile.FileName));
        try
        {
            // Where it was asked to stop from outside, it has stopped by now; a second stop would stop its parts twice.
            if (!app.Lifetime.ApplicationStopped.IsCancellationRequested) await app.StopAsync();
            await app.DisposeAsync();
        }
        finally
        {
            certificate?.Dispose();
            dataFolder.Dispose();
        }
    }

    private static void Announce(NodeOptions options, string url, NodeCertificate? certificate, IPEndPoint gateway)
    {
        var file = new NodeFile(url, options.TokenPath, Environment.ProcessId, options.Name, NodeVersion.Text, TimeProvider.System.GetUtcNow())
        {
            Gateway = gateway.ToString(),
            Certificate = certificate?.Fingerprint,
        };
        DurableFile.Replace(Path.Combine(options.DataFolder, NodeFile.FileName), JsonSerializer.SerializeToUtf8Bytes(file, LipSolJson.Options));
    }

    private static string PublicUrl(WebApplication app, NodeOptions options, NodeCertificate? certificate)
    {
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
            .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
        if (certificate is not null) return $"https://{certificate.HostFor(options.Bind)}:{address.Port}";
        var anywhere = options.Bind.Equals(IPAddress.Any) || options.Bind.Equals(IPAddress.IPv6Any);
        return $"http://{(anywhere ? "127.0.0.1" : address.Host)}:{address.Port}";
    }

    private static string? Explain(Exception e, NodeOptions options) => e switch
    {
        NodeStartException => null,
        AddressInUseException or IOException { InnerException: AddressInUseException } or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            => Ports.InUse(options.Port, "--port", e).Message,
        StorageException s => s.Message,
        NodeRefusedException refused => refused.Message,
        IOException io when DurableFile.IsDiskFull(io) => $"The disk of {options.DataFolder} is full. Free some space, or name another folder with --data.",
        IOException or UnauthorizedAccessException => $"The data folder {options.DataFolder} can't be used: {e.Message}",
        AggregateException { InnerException: { } inner } => Explain(inner, options),
        _ when e.InnerException is { } inner => Explain(inner, options),
        _ => null,
    };

    private static async Task DisposeQuietlyAsync(WebApplication app)
    {
        try
        {
            // Where it's in the cluster already, the others would send work to it until they noticed that it's gone.
            using var soon = new CancellationTokenSource(LeavePatience);
            if (app.Services.GetRequiredService<ISiloStatusOracle>().CurrentStatus is SiloStatus.Joining or SiloStatus.Active) await app.StopAsync(soon.Token);
            await app.DisposeAsync().AsTask().WaitAsync(LeavePatience);
        }
        catch (Exception)
        {
            // What kept the node from starting is told; what its half-started parts say on their way out doesn't matter.
        }
    }
}
