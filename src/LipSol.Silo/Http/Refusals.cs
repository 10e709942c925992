using LipSol.Client;

namespace LipSol.Silo.Http;

/// <summary>Says in the OpenAPI document which statuses come with a <see cref="Problem"/>.</summary>
internal static class Refusals
{
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, int status) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), ["application/problem+json"]));
}
