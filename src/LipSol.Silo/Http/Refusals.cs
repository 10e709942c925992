using LipSol.Client;
using Microsoft.AspNetCore.Http.Metadata;

namespace LipSol.Silo.Http;

/// <summary>Says in the OpenAPI document which statuses come with a <see cref="Problem"/>.</summary>
internal static class Refusals
{
    private static readonly int[] Anywhere = [StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable];
    private static readonly int[] OfBodies = [StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType];

    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, int status) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(Of(status));

    /// <summary>What any endpoint of the API may answer beside its own: a request that makes no sense, no token or one whose role is too low, an overloaded or starting node; a body that's too large or of another kind; a full disk where something is written.</summary>
    public static RouteGroupBuilder RefusesAsAll(this RouteGroupBuilder api)
    {
        // At the end, when it's known which of them take a body.
        ((IEndpointConventionBuilder)api).Finally(endpoint =>
        {
            var statuses = Anywhere.Concat(endpoint.Metadata.OfType<IAcceptsMetadata>().Any() ? OfBodies : []).Concat(Writes(endpoint) ? [StatusCodes.Status507InsufficientStorage] : []);
            foreach (var status in statuses.Except(endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Select(m => m.StatusCode)).ToArray()) endpoint.Metadata.Add(Of(status));
        });
        return api;
    }

    private static bool Writes(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<HttpMethodMetadata>().SelectMany(m => m.HttpMethods).Any(method => HttpMethods.IsPost(method) || HttpMethods.IsPut(method));

    private static ProducesResponseTypeMetadata Of(int status) => new(status, typeof(Problem), ["application/problem+json"]);
}
