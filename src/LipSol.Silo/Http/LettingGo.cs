namespace LipSol.Silo.Http;

/// <summary>Lets go of a node that has stopped.</summary>
internal static class LettingGo
{
    /// <summary>
    /// Ends the pipeline here once the node has stopped. What stands before it is held for ever: ASP.NET's rate limiter keeps a timer that nothing disposes. Without this whoever starts several nodes
    /// in one process would keep all of each.
    /// </summary>
    public static void UseLettingGo(this WebApplication app)
    {
        var lifetime = app.Lifetime;
        app.Use(next =>
        {
            RequestDelegate? behind = next;
            lifetime.ApplicationStopped.Register(() => behind = null);
            return context => behind is { } rest ? rest(context) : Task.CompletedTask;
        });
    }
}
