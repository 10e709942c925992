using LipSol.Artifacts;
using LipSol.Silo.Access;
using LipSol.Silo.Http;
using LipSol.Silo.Models;
using LipSol.Silo.Node;

namespace LipSol.Silo.Streaming;

/// <summary>Live captions over a WebSocket.</summary>
internal static class StreamEndpoint
{
    public static void MapStream(this IEndpointRouteBuilder api)
    {
        api.MapGet("/stream", ReadAsync).WithTags("Transcriptions")
            .WithSummary("Live captions: a WebSocket that takes frames as they come and sends words, at first as they seem and then as they stay.")
            .WithDescription("The first message is JSON: input (frames: JPEG or PNG pictures of a face; crops: mouth crops), framesPerSecond, timestamps, model, version, decoder. Each binary message after that is a frame. {\"type\":\"end\"} ends the stream: what is left becomes final, and a last message says what stands behind it. docs/http-api.md describes all messages.")
            .Produces(StatusCodes.Status101SwitchingProtocols).Refuses(StatusCodes.Status403Forbidden).Refuses(StatusCodes.Status426UpgradeRequired).Refuses(StatusCodes.Status429TooManyRequests).NeedsRead();
        // Over HTTP/2, which browsers speak wherever there is TLS, a WebSocket begins with CONNECT (RFC 8441). OpenAPI knows no such method.
        api.MapMethods("/stream", [HttpMethods.Connect], ReadAsync).ExcludeFromDescription().NeedsRead();
    }

    private static async Task ReadAsync(HttpContext context, StreamPlaces places, StreamParts parts, IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            throw new ApiException(StatusCodes.Status426UpgradeRequired, "no-websocket", "Streams go over a WebSocket: connect to this address with ws:// (or wss://).");
        }

        using var place = places.Take(Caller.Of(context).Name);
        await using var session = new StreamSession(new StreamSocket(await context.WebSockets.AcceptWebSocketAsync(), parts.Limits, parts.Time), parts);
        await session.RunAsync(lifetime.ApplicationStopping);
    }
}

/// <summary>The places for streams on this node. One named token has as many of them as uploads at once, and never more than half: the others find one whatever it does. The node's own isn't limited.</summary>
internal sealed class StreamPlaces(StreamLimits limits, TokenLimits tokens)
{
    private readonly Dictionary<string, int> takenBy = [];
    private readonly int most = tokens.Uploads == 0 ? int.MaxValue : Math.Min(tokens.Uploads, Math.Max(1, limits.Sessions / 2));

    /// <summary>A place; it's free again once disposed.</summary>
    /// <param name="caller">The name of the caller's token.</param>
    /// <exception cref="ApiException">All are taken, or all that this caller may have.</exception>
    public IDisposable Take(string caller)
    {
        lock (takenBy)
        {
            var own = takenBy.GetValueOrDefault(caller);
            if (takenBy.Values.Sum() >= limits.Sessions)
                throw new ApiException(StatusCodes.Status429TooManyRequests, "overloaded", $"{limits.Sessions} streams are open on this node, as many as it holds. Try again in a little while.");
            if (own >= most && caller != Caller.NodeToken)
                throw new ApiException(StatusCodes.Status429TooManyRequests, "overloaded", $"{own} streams of the token \"{caller}\" are open on this node, as many as one token may have. End one, or try again in a little while.");
            takenBy[caller] = own + 1;
        }

        return new Place(this, caller);
    }

    private void Free(string caller)
    {
        lock (takenBy)
            if (--takenBy[caller] == 0) takenBy.Remove(caller);
    }

    private sealed class Place(StreamPlaces places, string caller) : IDisposable
    {
        public void Dispose() => places.Free(caller);
    }
}

/// <summary>Registers what streams need.</summary>
internal static class StreamServices
{
    /// <summary>Adds it; the processes that crop end with the node.</summary>
    public static IServiceCollection AddStreams(this IServiceCollection services, NodeOptions options)
    {
        services.AddSingleton(options.Streams);
        services.AddSingleton(new StreamPlaces(options.Streams, options.TokenLimits));
        services.AddSingleton<StreamCropperPool>();
        services.AddSingleton<IStreamCroppers>(s => s.GetRequiredService<StreamCropperPool>());
        services.AddHostedService(s => s.GetRequiredService<StreamCropperPool>());
        services.AddSingleton(s => new StreamParts(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<ServedModels>(), s.GetRequiredService<FolderArtifactStore>(), s.GetRequiredService<IStreamCroppers>(), options.Streams, options, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<StreamSession>>()));
        return services;
    }
}
