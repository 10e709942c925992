using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Client.Tests.Http;

/// <summary>A real HTTP server on a free port that answers as the test says: for what a real node can't be made to do at will.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private CannedServer(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    public static async Task<CannedServer> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        var app = builder.Build();
        app.Run(context => answer(context));
        await app.StartAsync();
        return new CannedServer(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
